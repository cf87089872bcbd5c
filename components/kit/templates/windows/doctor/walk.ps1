# Opens a connection and says nothing, which no data source minds.
function Assert-Source {
    foreach ($tunnel in $Tunnels) {
        $destination = [regex]::Match($Settings.Forwards[$tunnel.Listen], '^\[?(.*?)\]?:(\d+)$')
        $name = $destination.Groups[1].Value
        $port = $destination.Groups[2].Value
        $seen = "tunnel $($tunnel.Name): "
        switch ((Get-ConnectionOutcome $name ([int] $port) '' 10 1).Kind) {
            'name-unknown' { Stop-Walk 'source-name-unknown' "${seen}the name $name does not resolve" }
            'refused' { Stop-Walk 'source-refused' "${seen}$name port $port refuses the connection" }
            'closed' { Stop-Walk 'source-closes' "${seen}$name port $port accepts and closes at once" }
            'timeout' { Stop-Walk 'source-unreachable' "${seen}$name port $port does not answer" }
            'no-route' { Stop-Walk 'source-unreachable' "${seen}there is no way to $name port $port" }
        }
        Add-Step 'data source' "${seen}$name port $port accepts"
    }
}

function Write-Healthy {
    $note = 'everything works; no tunnel is up from this machine, and nothing keeps it from being opened'
    if ($Agent) { $note = "everything works, and the tunnels are up: port taken by a live agent ($Agent)" }
    if ($Json) {
        [ordered]@{ healthy = $true; exitCode = 0; note = $note; steps = $Steps.ToArray() } | ConvertTo-Json -Compress -Depth 4
    } else {
        "`ndoctor.ps1: healthy: $note"
    }
}

function Write-Fault {
    param([string] $Name, [string] $Seen, [int] $Code, [string] $Whose)
    $diagnosis = $Diagnoses[$Name]
    if ($Json) {
        [ordered]@{
            healthy = $false; exitCode = $Code; diagnosis = $Name; step = $diagnosis.Step; side = $diagnosis.Side
            seen = $Seen; meaning = $diagnosis.Meaning; remedy = $diagnosis.Remedy; steps = $Steps.ToArray()
        } | ConvertTo-Json -Compress -Depth 4
    } else {
        "FAIL  {0,-11}  {1}`n" -f $diagnosis.Step, $Seen
        "It means:  $($diagnosis.Meaning)"
        "Whose:     $Whose"
        "To do:     $($diagnosis.Remedy)`n"
        "doctor.ps1: ${Name}: $Whose"
    }
}

$fault = $null
try {
    $Ssh = Find-Program 'ssh'
    $SshKeygen = Find-Program 'ssh-keygen'
    Assert-OpenSsh
    Assert-Readable 'ssh_config' 'ssh-config-missing'
    Assert-Readable 'known_hosts' 'known-hosts-missing'
    $Fingerprint = Get-KeyFingerprint
    $Settings = Get-Setting
    Assert-Forward
    Add-Step 'files' "key $Fingerprint, and the kit's settings"
    Assert-Endpoint
    $Log = Get-LoginLog
    Assert-Login
    if ($Authorities.Count -gt 0) { Assert-Extension }
    Assert-NotFrozen
    $Binds = Get-Bind
    $Agent = if ($Binds.Values -contains 'taken') { Get-Agent }
    Assert-Bind
    Assert-Source
} catch {
    if ($_.TargetObject -isnot [hashtable]) { throw }
    $fault = $_.TargetObject
}

if (-not $fault) {
    Write-Healthy
    exit 0
}
$code, $whose = switch ($Diagnoses[$fault.Diagnosis].Side) {
    'customer' { {{customerCode}}, 'your side' }
    'platform' { {{platformCode}}, "the platform's side" }
    default { {{undecidedCode}}, "undecided: your side or the platform's" }
}
Write-Fault $fault.Diagnosis (ConvertTo-Printable $fault.Seen) $code $whose
exit $code
