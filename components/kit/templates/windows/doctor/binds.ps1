# The programs of this machine with a connection to the bastion: their ids, and 0 where the system does not tell.
function Get-ConnectedId {
    param([string[]] $State)
    $connecting = Find-Line $Log.Printed $Lines.connecting
    if (-not $connecting) { return }
    $address = $connecting.Groups[1].Value
    $port = [int] $Settings.port
    if (Get-Command -Name Get-NetTCPConnection -ErrorAction SilentlyContinue) {
        Get-NetTCPConnection -RemoteAddress $address -RemotePort $port -State $State -ErrorAction SilentlyContinue |
            Select-Object -ExpandProperty OwningProcess -Unique
        return
    }
    $bastion = [Net.IPEndPoint]::new([Net.IPAddress]::Parse($address), $port)
    foreach ($connection in [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpConnections()) {
        if ($State -contains $connection.State -and $bastion.Equals($connection.RemoteEndPoint)) { 0 }
    }
}

# An ssh that is suspended looks alive to this machine. The bastion has dropped it for our login, or will do so.
function Assert-NotFrozen {
    foreach ($id in Get-ConnectedId 'Established', 'CloseWait') {
        if ($id -eq 0) { continue }
        $threads = @(Get-Process -Id $id -ErrorAction SilentlyContinue | ForEach-Object { $_.Threads })
        $running = @($threads | Where-Object { $_.ThreadState -ne 'Wait' -or $_.WaitReason -ne 'Suspended' })
        if ($threads.Count -gt 0 -and $running.Count -eq 0) {
            Stop-Walk 'agent-frozen' "process $id of this machine is connected to $Endpoint, and is suspended"
        }
    }
}

# What of this machine holds the bind ports that could not be had.
function Get-Agent {
    $ids = @(Get-ConnectedId 'Established')
    if ($ids.Count -eq 0) { return }
    if ($ids[-1] -eq 0) { 'a program that the system does not name' } else { "process $($ids[-1])" }
}

# An ssh that somebody has typed with this key, and without -R, is connected and of no use.
function Assert-NoneUseless {
    foreach ($id in Get-ConnectedId 'Established') {
        if ($id -eq 0) { continue }
        $process = Get-CimInstance -ClassName Win32_Process -Filter "ProcessId = $id"
        $typed = " $($process | ForEach-Object { $_.CommandLine }) "
        if ($typed.Contains(' -R') -or $typed.Contains('RemoteForward') -or $typed.Contains('ssh_config')) { continue }
        if ($typed.Contains($KeyFile) -and $typed.Contains("$Login ")) {
            Stop-Walk 'no-forward' "process $id is connected and forwards nothing:$typed"
        }
    }
}

# What the bastion has answered, by listening side.
function Get-Bind {
    $binds = @{}
    $isRefused = $false
    foreach ($line in $Log.Printed) {
        if ([regex]::IsMatch($line, $Lines.forwardRefused)) { $isRefused = $true }
        $answered = [regex]::Match($line, $Lines.forwardAnswered)
        if (-not $answered.Success) { continue }
        $binds[$answered.Groups[2].Value] = if ($answered.Groups[1].Value -eq 'success') { 'bound' } elseif ($isRefused) { 'refused' } else { 'taken' }
        $isRefused = $false
    }
    $binds
}

function Assert-Bind {
    foreach ($tunnel in $Tunnels) {
        $port = ($tunnel.Listen -split ':')[-1]
        $seen = "tunnel $($tunnel.Name): "
        switch ("$($Binds[$tunnel.Listen -replace '[\[\]]', ''])") {
            'bound' { Add-Step 'bind' "${seen}bind port $port can be had" }
            'refused' { Stop-Walk 'forward-not-permitted' "${seen}the bastion refuses bind port $port" }
            'taken' {
                if (-not $Agent) { Stop-Walk 'port-taken' "${seen}bind port $port is taken, and this machine has no connection to $Endpoint" }
                Add-Step 'bind' "${seen}port taken by a live agent of this machine ($Agent), which is as it should be"
            }
            default { Stop-Walk 'connection-lost' "${seen}the bastion has not answered; $($Log.Said | Select-Object -Last 1)" }
        }
    }
    if ($Binds.Values -contains 'bound') { Assert-NoneUseless }
}
