function Assert-OpenSsh {
    $printed = (Invoke-Program $Ssh '-V').Errors
    $version = Find-Line $printed $Lines.version
    if (-not $version) { Stop-Walk 'openssh-missing' "ssh -V says: $printed" }
    if ([int] $version.Groups[1].Value * 100 + [int] $version.Groups[2].Value -lt 608) { Stop-Walk 'openssh-old' "ssh -V says: $printed" }
}

function Assert-Readable {
    param([string] $File, [string] $Diagnosis)
    if (-not (Test-Readable (Join-Path $PSScriptRoot $File))) { Stop-Walk $Diagnosis "there is no $File in $PSScriptRoot that can be read" }
}

# Accounts by number: their names differ between the languages of Windows.
function Get-KeyReader {
    param([string] $Path)
    $mayRead = @('S-1-5-18', 'S-1-5-32-544', [Security.Principal.WindowsIdentity]::GetCurrent().User.Value)
    $rules = (Get-Acl -LiteralPath $Path).GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])
    foreach ($rule in $rules) {
        $account = $rule.IdentityReference
        if ($rule.AccessControlType -ne 'Allow' -or $mayRead -contains $account.Value) { continue }
        try { $account.Translate([Security.Principal.NTAccount]).Value } catch { $account.Value }
    }
}

# Whether others may read the key is for ssh to judge; Windows can tell who they are.
function Get-KeyFingerprint {
    $path = Join-Path $PSScriptRoot $KeyFile
    if (-not (Test-Path -LiteralPath $path -PathType Leaf)) { Stop-Walk 'key-missing' "there is no file $path" }
    if (-not (Test-Readable $path)) { Stop-Walk 'key-unreadable' "$([Environment]::UserName) may not read $path" }
    $made = Invoke-Program $SshKeygen "-y -P `"`" -f ./$KeyFile"
    $said = "$($made.Errors)"
    if ($made.ExitCode -ne 0) {
        if ($said -match 'UNPROTECTED|bad permissions') {
            $readers = @(if ($OnWindows) { Get-KeyReader $path })
            if ($readers.Count -eq 0) { Stop-Walk 'key-too-open' "${path}: $($made.Errors -match 'too open|bad owner|bad permissions')" }
            Stop-Walk 'key-too-open' "$path is open to $(($readers | Select-Object -Unique) -join ', ')"
        }
        if ($said -match 'incorrect passphrase') { Stop-Walk 'key-has-passphrase' $said }
        Stop-Walk 'key-damaged' $said
    }
    $public = [Convert]::FromBase64String(($made.Output[0] -split ' ')[1])
    $sha256 = [Security.Cryptography.SHA256]::Create()
    try { 'SHA256:' + [Convert]::ToBase64String($sha256.ComputeHash($public)).TrimEnd('=') } finally { $sha256.Dispose() }
}

# What ssh will do, as it reads the settings: they are the customer's to change.
function Get-Setting {
    $printed = Invoke-Program $Ssh '-G -F ./ssh_config {{alias}}'
    if ($printed.ExitCode -ne 0) { Stop-Walk 'ssh-config-invalid' "$($printed.Errors | Select-Object -Last 1)" }
    $settings = @{ Forwards = @{} }
    foreach ($line in $printed.Output) {
        $forward = [regex]::Match($line, $Lines.remoteForward)
        $name, $value = $line -split ' ', 2
        if (-not $forward.Success) { $settings[$name] = $value; continue }
        $listen = $forward.Groups[1].Value
        if (-not $settings.Forwards.ContainsKey($listen)) { $settings.Forwards[$listen] = $forward.Groups[2].Value }
    }
    $settings
}

function Assert-Forward {
    foreach ($tunnel in $Tunnels) {
        if ($Settings.Forwards.ContainsKey($tunnel.Listen)) { continue }
        $port = ($tunnel.Listen -split ':')[-1]
        foreach ($onLoopback in $port, "[127.0.0.1]:$port", "[localhost]:$port") {
            if ($Settings.Forwards.ContainsKey($onLoopback)) {
                Stop-Walk 'loopback-bind' "tunnel $($tunnel.Name): ssh_config asks for port $port of loopback, not for $($tunnel.Listen)"
            }
        }
        Stop-Walk 'no-forward' "tunnel $($tunnel.Name): ssh_config has no RemoteForward for $($tunnel.Listen)"
    }
}
