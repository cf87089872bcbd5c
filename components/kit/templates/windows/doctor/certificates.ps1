# For whom a certificate has to be.
$Principals = @({{principals}})
# What to look for in what ssh-keygen prints of one.
$CertificateLines = @{
{{certificateLines}}
}

# The certificate, as ssh-keygen prints it: its fields, and the lists below them.
function Get-KeyCertificate {
    $printed = Invoke-Program $SshKeygen "-L -f ./${KeyFile}-cert.pub"
    if ($printed.ExitCode -ne 0) { Stop-Walk 'certificate-damaged' "$($printed.Errors | Select-Object -Last 1)" }
    $fields = @{}
    $lists = @{}
    $name = ''
    foreach ($line in $printed.Output) {
        $field = [regex]::Match($line, $CertificateLines.field)
        $item = [regex]::Match($line, $CertificateLines.item)
        if ($field.Success) {
            $name = $field.Groups[1].Value
            # A file can hold several, of which ssh takes the first.
            if ($fields.ContainsKey($name)) { break }
            $fields[$name] = $field.Groups[2].Value
            $lists[$name] = @()
        } elseif ($item.Success) {
            $lists[$name] += $item.Groups[1].Value
        }
    }
    @{ Fields = $fields; Lists = $lists }
}

# What is wrong with the certificate, once the bastion has let nobody in.
function Assert-Certificate {
    $path = Join-Path $PSScriptRoot "${KeyFile}-cert.pub"
    if (-not (Test-Path -LiteralPath $path)) {
        if ($Fingerprints -ccontains $Fingerprint) { return }
        Stop-Walk 'certificate-missing' "there is no file $path; the key is $Fingerprint"
    }
    $certificate = Get-KeyCertificate
    $fields = $certificate.Fields
    $type = "$($fields['Type'])"
    if (-not [regex]::IsMatch($type, $CertificateLines.userType)) { Stop-Walk 'certificate-damaged' "its type is $type" }
    $key = "$($fields['Public key'])"
    if (($key -split ' ')[-1] -cne $Fingerprint) {
        Stop-Walk 'certificate-wrong-key' "the certificate is of $key; the key is $Fingerprint"
    }
    $authority = [regex]::Match("$($fields['Signing CA'])", $CertificateLines.authority).Groups[1].Value
    if ($Authorities -cnotcontains $authority) {
        Stop-Walk 'certificate-wrong-authority' "the certificate is signed by $authority; the bastion takes those of $Authorities"
    }
    Assert-Principal @($certificate.Lists['Principals'])
    Assert-Validity $fields
}

function Assert-Principal {
    param([string[]] $Named)
    foreach ($principal in $Principals) {
        if ($Named -ccontains $principal) { return }
    }
    $whom = if ($Named) { "$Named" } else { 'nobody' }
    Stop-Walk 'certificate-wrong-principal' "the certificate is for $whom and has to be for $Principals"
}

# Two clocks are to be seen: this machine's, and in the certificate that of the machine which signed it. Both in UTC.
function Assert-Validity {
    param([hashtable] $Fields)
    $valid = "$($Fields['Valid'])"
    $clock = [DateTime]::UtcNow.ToString('s', [Globalization.CultureInfo]::InvariantCulture)
    $clocks = "the certificate is valid $valid; this machine's clock says $clock"
    $from = [regex]::Match($valid, $CertificateLines.validFrom)
    $to = [regex]::Match($valid, $CertificateLines.validTo)
    # Times that are written like this have the order of their texts, in every culture.
    if ($from.Success -and [string]::CompareOrdinal($clock, $from.Groups[1].Value) -lt 0) { Stop-Walk 'certificate-not-yet-valid' $clocks }
    if ($to.Success -and [string]::CompareOrdinal($clock, $to.Groups[1].Value) -ge 0) { Stop-Walk 'certificate-expired' $clocks }
    Stop-Walk 'certificate-refused' "$clocks; serial $($Fields['Serial']), key id $($Fields['Key ID'])"
}

# sshd also lets in whoever has a certificate that allows nothing.
function Assert-Extension {
    if (-not (Find-Line $Log.Printed $CertificateLines.accepted)) { return }
    if ((Get-KeyCertificate).Lists['Extensions'] -ccontains 'permit-port-forwarding') { return }
    $path = Join-Path $PSScriptRoot "${KeyFile}-cert.pub"
    Stop-Walk 'certificate-no-forwarding' "the certificate $path lacks permit-port-forwarding"
}
