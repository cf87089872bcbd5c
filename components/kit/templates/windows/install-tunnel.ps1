#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Keeps reverse tunnels up on Windows: a task that starts with the machine, and again within a minute of its end.
.DESCRIPTION
Run it in a PowerShell that was opened as administrator; again when the kit or the key has changed.
Files go to a folder below ProgramData that only SYSTEM, administrators and the task's account, LOCAL SERVICE, can read.
The task learns no host keys: when those of the bastion change, run this script of a new kit.
.PARAMETER Test
Opens the tunnels once, in the foreground, and lets ssh say what it does. Ctrl-C ends it. Nothing is installed.
.PARAMETER Uninstall
Removes the task and its folder.
#>
[CmdletBinding(DefaultParameterSetName = 'Install')]
param(
    [Parameter(ParameterSetName = 'Test')] [switch] $Test,
    [Parameter(ParameterSetName = 'Uninstall')] [switch] $Uninstall
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$TaskName = {{service}}
$KeyFile = {{keyFile}}
$Kit = Split-Path -Parent $PSScriptRoot
$Folder = Join-Path $env:ProgramData $TaskName
$Log = Join-Path $Folder 'log\ssh.log'
$Ssh = Join-Path $env:SystemRoot 'System32\OpenSSH\ssh.exe'

# Accounts by number: their names differ between the languages of Windows.
$System = '*S-1-5-18'
$Administrators = '*S-1-5-32-544'
$LocalService = '*S-1-5-19'

function Invoke-Icacls {
    & "$env:SystemRoot\System32\icacls.exe" @args | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "icacls $args ended with $LASTEXITCODE" }
}

function Assert-Prerequisite {
    if (-not (Test-Path -LiteralPath $Ssh)) {
        throw 'ssh was not found. Add the optional feature "OpenSSH Client": Add-WindowsCapability -Online -Name OpenSSH.Client~~~~0.0.1.0'
    }
}

function Assert-Key {
    if (-not (Test-Path -LiteralPath (Join-Path $Kit $KeyFile))) {
        throw "The key is not here. You get it separately from the other files; put it at $(Join-Path $Kit $KeyFile)."
    }
}

# ssh refuses a key that an account beside SYSTEM, administrators and its own user can read.
function Copy-TunnelFile {
    param([string] $To, [string[]] $Readers)
    New-Item -ItemType Directory -Force -Path $To | Out-Null
    $grants = @("${System}:(OI)(CI)F", "${Administrators}:(OI)(CI)F") + @($Readers | ForEach-Object { "${_}:(OI)(CI)RX" })
    Invoke-Icacls $To /setowner $Administrators
    Invoke-Icacls $To /inheritance:r /grant:r @grants
    foreach ($file in 'known_hosts', 'ssh_config', $KeyFile) {
        $source = Join-Path $Kit $file
        $target = Join-Path $To $file
        # A file that is copied anew inherits its rights from the folder.
        Remove-Item -LiteralPath $target -Force -ErrorAction SilentlyContinue
        if (Test-Path -LiteralPath $source) {
            [IO.File]::WriteAllBytes($target, [IO.File]::ReadAllBytes($source))
            Invoke-Icacls $target /setowner $Administrators
        }
    }
}

function Remove-Task {
    if (Get-ScheduledTask -TaskName $TaskName -ErrorAction SilentlyContinue) {
        Stop-ScheduledTask -TaskName $TaskName
        Unregister-ScheduledTask -TaskName $TaskName -Confirm:$false
    }
}

function Test-Tunnel {
    Assert-Prerequisite
    Assert-Key
    $testFolder = Join-Path $env:ProgramData "$TaskName-test"
    try {
        Copy-TunnelFile -To $testFolder -Readers @()
        Push-Location -LiteralPath $testFolder
        try { & $Ssh -F .\ssh_config -v -N -T {{alias}} } finally { Pop-Location }
    } finally {
        Remove-Item -LiteralPath $testFolder -Recurse -Force -ErrorAction SilentlyContinue
    }
}

function Install-Tunnel {
    Assert-Prerequisite
    Assert-Key
    Remove-Task
    Copy-TunnelFile -To $Folder -Readers $LocalService
    New-Item -ItemType Directory -Force -Path (Split-Path -Parent $Log) | Out-Null
    Invoke-Icacls (Split-Path -Parent $Log) /grant:r "${LocalService}:(OI)(CI)M"
    $action = New-ScheduledTaskAction -Execute $Ssh -WorkingDirectory $Folder -Argument '-F ./ssh_config -o UpdateHostKeys=no -E log/ssh.log -N -T {{alias}}'
    # The second one starts it again, within a minute of its end; while it runs, nothing is started.
    $triggers = @(
        (New-ScheduledTaskTrigger -AtStartup),
        (New-ScheduledTaskTrigger -Once -At (Get-Date) -RepetitionInterval (New-TimeSpan -Minutes 1))
    )
    $principal = New-ScheduledTaskPrincipal -UserId 'S-1-5-19' -LogonType ServiceAccount -RunLevel Limited
    $settings = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -ExecutionTimeLimit ([TimeSpan]::Zero) `
        -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -StartWhenAvailable
    Register-ScheduledTask -TaskName $TaskName -Action $action -Trigger $triggers -Principal $principal -Settings $settings `
        -Description 'Keeps reverse tunnels to a bastion up.' | Out-Null
    Start-ScheduledTask -TaskName $TaskName
    Write-Output "The task $TaskName keeps the tunnels up. What ssh has to say is in $Log"
    Write-Output "The service has its own copy of the key, in $Folder. $(Join-Path $Kit $KeyFile) is only for the doctor and connect.sh."
}

switch ($PSCmdlet.ParameterSetName) {
    'Test' { Test-Tunnel }
    'Uninstall' {
        Remove-Task
        Remove-Item -LiteralPath $Folder -Recurse -Force -ErrorAction SilentlyContinue
        Write-Output 'The tunnels are closed, and nothing of them is left on this machine beside the kit itself.'
    }
    default { Install-Tunnel }
}
