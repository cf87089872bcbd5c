# One login shows all of it: the forwards are answered before the session, which the bastion refuses, and so ssh ends.
function Get-LoginLog {
    $options = '-F ./ssh_config -v -T -o BatchMode=yes -o StrictHostKeyChecking=yes -o ExitOnForwardFailure=no'
    $printed = (Invoke-Program $Ssh "$options -o ControlMaster=no -o ControlPath=none {{alias}} true").Errors
    $said = @($printed -notmatch '^debug1:')
    $banner = Find-Line $printed $Lines.banner
    if ($banner) { $said += $banner.Groups[1].Value }
    @{ Printed = $printed; Said = $said }
}

# What is to be in the log when a step is done.
function Assert-Reached {
    param([string] $Pattern)
    if (Find-Line $Log.Printed $Pattern) { return }
    $diagnosis = Get-MessageDiagnosis ($Log.Said -join "`n")
    $seen = "$($Log.Said | Select-Object -Last 1)"
    switch ($diagnosis) {
        'key-refused' {
            if ($Authorities.Count -gt 0) { Assert-Certificate }
            if ($Fingerprints.Count -gt 0 -and $Fingerprints -notcontains $Fingerprint) { $diagnosis = 'key-wrong' }
            $seen = "$($Log.Said -match 'Permission denied|Too many' | Select-Object -First 1); the key is $Fingerprint"
        }
        'host-key-changed' {
            $shown = [regex]::Match(($Log.Said -join "`n"), $Lines.otherHostKey)
            $seen = "$($shown.Groups[1].Value) is what answered at $Endpoint"
        }
        # These words mean something else once SSH has begun.
        { @('closed-before-ssh', 'connection-timeout') -contains $_ -and (Find-Line $Log.Printed $Lines.greeted) } {
            $diagnosis = 'connection-lost'
        }
    }
    Stop-Walk $diagnosis $seen
}

function Assert-Login {
    Assert-Reached $Lines.hostKeyKnown
    $hostKey = Find-Line $Log.Printed $Lines.hostKey
    Add-Step 'host key' "$($hostKey.Groups[1].Value), as pinned"
    Assert-Reached $Lines.authenticated
    Add-Step 'login' 'the bastion takes the key'
}
