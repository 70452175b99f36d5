#!/usr/bin/env pwsh
<#
.SYNOPSIS
  Publishes the agent, the hub and the command line, ready to copy to a machine.
.DESCRIPTION
  A thin wrapper: the work is the PublishAll target in src/publish.proj. Without PowerShell, run
    dotnet build src/publish.proj -p:Runtime=linux-arm64
.EXAMPLE
  ./publish.ps1 -Runtime linux-arm64 -Output artifacts/arm64
#>
param(
    [ValidateSet('linux-x64', 'linux-arm64')] [string] $Runtime = 'linux-x64',
    [string] $Output = (Join-Path $PSScriptRoot "artifacts/$Runtime"),
    [switch] $SelfContained
)
$ErrorActionPreference = 'Stop'
dotnet build (Join-Path $PSScriptRoot 'src/publish.proj') -p:Runtime=$Runtime -p:PublishTo=$Output -p:Contained=$($SelfContained.IsPresent)
exit $LASTEXITCODE
