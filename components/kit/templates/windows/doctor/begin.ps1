#Requires -Version 5.1
<#
.SYNOPSIS
Finds out what keeps the tunnels of {{client}} to {{host}} from working, and whose side it is on.
.DESCRIPTION
Walks the way of a connection, and stops at the first thing that is wrong.
A tunnel that is up stays up, and nothing is changed. Where none is up, its bind port is taken for a moment.
Ends with 0 when all is well, {{customerCode}} when it is on the customer's side, {{platformCode}} on the platform's,
and {{undecidedCode}} when that cannot be told from here.
.PARAMETER Json
The same for a program.
#>
[CmdletBinding()]
param([switch] $Json)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$KeyFile = {{keyFile}}
$Endpoint = {{endpoint}}
$Login = {{login}}
$Fingerprints = @({{fingerprints}})
# Whose certificates the bastion takes; nothing where it takes keys only.
$Authorities = @({{authorities}})
# Name and listening side of each tunnel, the latter as `ssh -G` prints it.
$Tunnels = @(
{{tunnels}}
)
# What each fault is: its step, whose side it is on, what it means and what to do.
$Diagnoses = @{
{{diagnoses}}
}
# What ssh says, as a fault. The first that fits counts.
$Messages = @(
{{messages}}
)
# What to look for in what ssh and servers print.
$Lines = @{
{{lines}}
}
$OnWindows = [Environment]::OSVersion.Platform -eq [PlatformID]::Win32NT
$Steps = [Collections.Generic.List[object]]::new()

# Others have said it: it stays one line, and does not draw on a terminal.
function ConvertTo-Printable {
    param([string] $Text)
    $Text -replace '[\t\r\n]+', ' ' -replace '[^\x20-\x7e]', ''
}

# A step that is done, and what was seen.
function Add-Step {
    param([string] $Step, [string] $Seen)
    $text = ConvertTo-Printable $Seen
    $Steps.Add([ordered]@{ step = $Step; seen = $text })
    if (-not $Json) { 'ok    {0,-11}  {1}' -f $Step, $text }
}

# The first fault, and what was seen of it.
function Stop-Walk {
    param([string] $Diagnosis, [string] $Seen)
    throw @{ Diagnosis = $Diagnosis; Seen = $Seen }
}

# Waiting is done in short steps everywhere: Ctrl-C is heard between them.
function Wait-Task {
    param([Threading.Tasks.Task] $Task, [double] $TimeoutSeconds)
    $watch = [Diagnostics.Stopwatch]::StartNew()
    while (-not $Task.IsCompleted -and $watch.Elapsed.TotalSeconds -lt $TimeoutSeconds) { Start-Sleep -Milliseconds 50 }
    $Task.IsCompleted
}

function Test-Readable {
    param([string] $Path)
    try {
        [IO.File]::OpenRead($Path).Dispose()
        $true
    } catch {
        $false
    }
}

function Find-Program {
    param([string] $Name)
    if ($OnWindows) {
        # The task that keeps the tunnels up runs this one, whatever PATH says.
        $own = Join-Path $env:SystemRoot "System32\OpenSSH\$Name.exe"
        if (Test-Path -LiteralPath $own) { return $own }
    }
    $found = @(Get-Command -Name $Name -CommandType Application -ErrorAction SilentlyContinue)
    if ($found.Count -eq 0) { Stop-Walk 'openssh-missing' "$Name was not found" }
    $found[0].Path
}

# Runs a program in the kit's folder, without input and without a window. It tells times in UTC.
function Invoke-Program {
    param([string] $Path, [string] $Arguments)
    $start = [Diagnostics.ProcessStartInfo]::new($Path, $Arguments)
    $start.WorkingDirectory = $PSScriptRoot
    $start.UseShellExecute = $false
    # The C library of Windows, which knows no zone by its name, reads this form as well.
    $start.EnvironmentVariables['TZ'] = 'UTC0'
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    try {
        $process.StandardInput.Close()
        $output = $process.StandardOutput.ReadToEndAsync()
        $errors = $process.StandardError.ReadToEndAsync()
        while (-not ($output.IsCompleted -and $errors.IsCompleted -and $process.HasExited)) { Start-Sleep -Milliseconds 50 }
        @{ ExitCode = $process.ExitCode; Output = @($output.Result -split '\r?\n'); Errors = @($errors.Result -split '\r?\n' -ne '') }
    } finally {
        if (-not $process.HasExited) { $process.Kill() }
        $process.Dispose()
    }
}

# The first line that fits.
function Find-Line {
    param([string[]] $From, [string] $Pattern)
    foreach ($line in $From) {
        $match = [regex]::Match($line, $Pattern)
        if ($match.Success) { return $match }
    }
}
