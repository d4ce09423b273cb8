; The Windows installer of CityChain (NSIS 3). build_windows.py stages the files and calls
;   makensis -DVERSION=… -DSTAGE=folder -DOUTFILE=….exe citychain.nsi
; It installs for the current user, needs no administrator and no network, and leaves workspaces alone.
Unicode true
SetCompressor /SOLID lzma
ManifestDPIAware true
RequestExecutionLevel user

!include "MUI2.nsh"
!include "LogicLib.nsh"
!include "x64.nsh"

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\CityChain"

Name "CityChain"
OutFile "${OUTFILE}"
InstallDir "$LOCALAPPDATA\Programs\CityChain"
InstallDirRegKey HKCU "${KEY}" "InstallLocation"
BrandingText "CityChain ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "CityChain"
VIAddVersionKey "FileDescription" "CityChain"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "Apache-2.0"

!define MUI_ICON "${STAGE}\citychain.ico"
!define MUI_UNICON "${STAGE}\citychain.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\bin\citychain-console.exe"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${STAGE}\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString NEEDS_64 ${LANG_ENGLISH} "CityChain needs 64-bit Windows 10 or newer."
LangString NEEDS_64 ${LANG_SIMPCHINESE} "城链需要 64 位 Windows 10 或更高版本。"
LangString MENU_NAME ${LANG_ENGLISH} "CityChain"
LangString MENU_NAME ${LANG_SIMPCHINESE} "城链 CityChain"

; Nodes of embedded networks and an open console run from the folder and hold its files. They keep everything on disk
; and start again with the next version. CityChain's own Python ends them: it knows which are ours.
!macro STEP WORD
  ${If} ${FileExists} "$INSTDIR\python\python.exe"
    nsExec::Exec '"$INSTDIR\python\python.exe" "$INSTDIR\setup_steps.py" ${WORD}'
    Pop $0
  ${EndIf}
!macroend
!macro REMOVE_PROGRAMS
  !insertmacro STEP stop
  RMDir /r "$INSTDIR\python"
  RMDir /r "$INSTDIR\bin"
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "$(NEEDS_64)" /SD IDOK
    Abort
  ${EndIf}
FunctionEnd

Section "CityChain"
  !insertmacro REMOVE_PROGRAMS
  SetOutPath "$INSTDIR"
  File /r "${STAGE}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  !insertmacro STEP path-add
  CreateShortcut "$SMPROGRAMS\$(MENU_NAME).lnk" "$INSTDIR\bin\citychain-console.exe" "" "$INSTDIR\citychain.ico"
  WriteRegStr HKCU "${KEY}" "DisplayName" "CityChain"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "Publisher" "CityChain maintainers"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\citychain.ico"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" ${KILOBYTES}
SectionEnd

; Only what the installer put there is removed, never a folder that it was pointed at.
Section "Uninstall"
  !insertmacro STEP path-remove
  !insertmacro REMOVE_PROGRAMS
  Delete "$INSTDIR\setup_steps.py"
  Delete "$INSTDIR\citychain.ico"
  Delete "$INSTDIR\LICENSE"
  Delete "$INSTDIR\CHANGELOG.md"
  Delete "$INSTDIR\README.md"
  Delete "$INSTDIR\README.zh-CN.md"
  Delete "$INSTDIR\third-parties.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\CityChain.lnk"
  Delete "$SMPROGRAMS\城链 CityChain.lnk"
  DeleteRegKey HKCU "${KEY}"
SectionEnd
