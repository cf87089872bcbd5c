# Connects to an address, and listens until there is a greeting of SSH, or nothing more to wait for.
function Get-AddressOutcome {
    param([Net.IPAddress] $Address, [int] $Port, [string] $Send, [double] $ConnectSeconds, [double] $ListenSeconds)
    $client = [Net.Sockets.TcpClient]::new($Address.AddressFamily)
    try {
        $attempt = $client.ConnectAsync($Address, $Port)
        if (-not (Wait-Task $attempt $ConnectSeconds)) { return @{ Kind = 'timeout' } }
        if ($attempt.IsFaulted) {
            switch ($attempt.Exception.GetBaseException().SocketErrorCode) {
                'ConnectionRefused' { return @{ Kind = 'refused' } }
                'TimedOut' { return @{ Kind = 'timeout' } }
                default { return @{ Kind = 'no-route' } }
            }
        }
        $text = ''
        try {
            $stream = $client.GetStream()
            $greeting = [Text.Encoding]::ASCII.GetBytes($Send)
            $buffer = [byte[]]::new(1024)
            $watch = [Diagnostics.Stopwatch]::StartNew()
            while ($text.Length -lt 8192 -and $text -notmatch $Lines.greeting) {
                $read = $stream.ReadAsync($buffer, 0, $buffer.Length)
                # Not at once: what is sent to somebody who has spoken and closed takes away what he said.
                if (-not (Wait-Task $read ([Math]::Min(1, $ListenSeconds / 2)))) { $stream.Write($greeting, 0, $greeting.Length) }
                if (-not (Wait-Task $read ($ListenSeconds - $watch.Elapsed.TotalSeconds))) {
                    if ($text -eq '') { return @{ Kind = 'open' } }
                    break
                }
                if ($read.IsFaulted -or $read.Result -eq 0) { break }
                $text += [Text.Encoding]::ASCII.GetString($buffer, 0, $read.Result)
            }
        } catch [IO.IOException], [InvalidOperationException] {
            Write-Verbose "$Address has closed: $_"
        }
        if ($text -eq '') { return @{ Kind = 'closed' } }
        @{ Kind = 'answered'; Text = $text }
    } finally {
        $client.Dispose()
    }
}

# Whether a name and port can be reached: name-unknown, refused, timeout, no-route, closed, open or answered.
function Get-ConnectionOutcome {
    param([string] $Name, [int] $Port, [string] $Send, [double] $ConnectSeconds, [double] $ListenSeconds)
    $lookup = [Net.Dns]::GetHostAddressesAsync($Name)
    if (-not (Wait-Task $lookup 60) -or $lookup.IsFaulted -or $lookup.Result.Length -eq 0) { return @{ Kind = 'name-unknown' } }
    foreach ($address in $lookup.Result) {
        $outcome = Get-AddressOutcome $address $Port $Send $ConnectSeconds $ListenSeconds
        if (@('refused', 'timeout', 'no-route') -notcontains $outcome.Kind) { return $outcome }
    }
    $outcome
}

# Without ssh as far as its banner: how ssh calls a failed connection differs between the versions for Windows.
function Assert-Endpoint {
    $seconds = if ("$($Settings['connecttimeout'])" -match '^\d+$') { [int] $Settings['connecttimeout'] } else { 10 }
    $outcome = Get-ConnectionOutcome $Settings.hostname ([int] $Settings.port) "SSH-2.0-doctor`r`n" $seconds $seconds
    if ($outcome.Kind -eq 'name-unknown') { Stop-Walk 'name-unknown' "$($Settings.hostname) does not resolve" }
    Add-Step 'name' "$($Settings.hostname) resolves"
    switch ($outcome.Kind) {
        'refused' { Stop-Walk 'connection-refused' "$Endpoint refuses the connection" }
        'no-route' { Stop-Walk 'no-route' "there is no way to $Endpoint" }
        'timeout' { Stop-Walk 'connection-timeout' "$Endpoint does not answer" }
    }
    Add-Step 'tcp' "$Endpoint accepts"
    switch ($outcome.Kind) {
        'open' { Stop-Walk 'no-banner' "$Endpoint accepts and says nothing" }
        'closed' { Stop-Walk 'closed-before-ssh' "$Endpoint accepts and closes at once" }
    }
    $greeting = [regex]::Match($outcome.Text, $Lines.greeting)
    if (-not $greeting.Success) { Stop-Walk (Get-MessageDiagnosis "banner line 0: $($outcome.Text)") "$Endpoint says: $($outcome.Text)" }
    Add-Step 'banner' $greeting.Groups[1].Value
}

function Get-MessageDiagnosis {
    param([string] $Said)
    foreach ($message in $Messages) {
        if ($Said.Contains($message.Text)) { return $message.Diagnosis }
    }
    'unexplained'
}
