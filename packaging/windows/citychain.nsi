; The Windows installer of CityChain (NSIS 3). build_windows.py stages the files and calls
;   makensis -DVERSION=… -DSTAGE=folder -DOUTFILE=….exe -DKILOBYTES=… citychain.nsi
; It installs for the current user, needs no administrator and no network, and leaves workspaces alone.
;
; Two places, app-a and app-b, take turns: a version is unpacked whole into the free one, then the two commands in `bin`
; are exchanged (each a rename), then the version before is deleted, and only what its own manifest lists. So whenever
; this is interrupted, and whatever fails, one whole version works. Silent exit codes: 2 refused, nothing was touched;
; 3 failed, the version before works on.
Unicode true
!ifdef FAST
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
!endif
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
AllowSkipFiles off
SetOverwrite try
CRCCheck force

!include "MUI2.nsh"
!include "LogicLib.nsh"
!include "WinVer.nsh"
!include "x64.nsh"

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\CityChain"
!define CLASSES "Software\Classes"
!define MARK "CityChain manifest 1"

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
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "Apache-2.0"

!define MUI_ICON "${STAGE}\bin\citychain.ico"
!define MUI_UNICON "${STAGE}\bin\citychain.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\bin\citychain-console.exe"
!define MUI_DIRECTORYPAGE_TEXT_TOP "$(PLACE)"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${STAGE}\app\LICENSE"
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE checkPlace
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!define MUI_UNCONFIRMPAGE_TEXT_TOP "$(REMOVING)"
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString OLD_WINDOWS ${LANG_ENGLISH} "CityChain needs 64-bit Windows 10, version 1809 or newer."
LangString OLD_WINDOWS ${LANG_SIMPCHINESE} "城链需要 64 位 Windows 10（1809 或更新版本）。"
LangString RUNS_ALREADY ${LANG_ENGLISH} "Another CityChain setup is running; please let it finish first."
LangString RUNS_ALREADY ${LANG_SIMPCHINESE} "另一个城链安装程序正在运行，请等它结束。"
LangString NOT_OURS ${LANG_ENGLISH} "This folder holds other files. Nothing was changed; please choose an empty or new folder:$\r$\n$INSTDIR"
LangString NOT_OURS ${LANG_SIMPCHINESE} "这个文件夹里有别的文件，没有做任何改动。请选择空的或新的文件夹：$\r$\n$INSTDIR"
LangString PLACE ${LANG_ENGLISH} "CityChain is installed for you alone. If it is being upgraded, its console is closed and the networks that run from this folder are stopped; they are started again afterwards. Workspaces are left alone."
LangString PLACE ${LANG_SIMPCHINESE} "城链只为当前用户安装。升级时会关闭控制台，并停止由此文件夹运行的网络，完成后重新启动它们。工作区不受影响。"
LangString REMOVING ${LANG_ENGLISH} "CityChain will be removed from the following folder. Its console is closed and the networks that run from it are stopped. Workspaces are left alone."
LangString REMOVING ${LANG_SIMPCHINESE} "将从下面的文件夹移除城链：关闭控制台，停止由它运行的网络。工作区会保留。"
LangString NOT_COPIED ${LANG_ENGLISH} "The files could not all be written (is the disk full, or a file in use?). The version that was installed before is unchanged."
LangString NOT_COPIED ${LANG_SIMPCHINESE} "有文件没能写入（磁盘已满，或文件被占用？）。原来安装的版本没有改变。"
LangString NOT_STOPPED ${LANG_ENGLISH} "A program of CityChain could not be stopped. Please close it and run this setup again; the version that was installed before is unchanged."
LangString NOT_STOPPED ${LANG_SIMPCHINESE} "有城链的程序没能停止，请关闭它后重新运行安装程序；原来安装的版本没有改变。"
LangString NOT_REMOVED ${LANG_ENGLISH} "Some files are in use and stay in $INSTDIR; please close what uses them and remove CityChain again."
LangString NOT_REMOVED ${LANG_SIMPCHINESE} "有文件被占用，仍留在 $INSTDIR；请关闭占用它们的程序后再次移除。"
LangString STOPPING ${LANG_ENGLISH} "Stopping the console and the networks that run"
LangString STOPPING ${LANG_SIMPCHINESE} "停止控制台和正在运行的网络"
LangString STARTING ${LANG_ENGLISH} "Starting again the networks that ran"
LangString STARTING ${LANG_SIMPCHINESE} "重新启动先前运行的网络"
LangString MENU_NAME ${LANG_ENGLISH} "CityChain"
LangString MENU_NAME ${LANG_SIMPCHINESE} "城链 CityChain"
LangString EVIDENCE ${LANG_ENGLISH} "CityChain evidence package"
LangString EVIDENCE ${LANG_SIMPCHINESE} "城链证据包"
LangString BACKUP ${LANG_ENGLISH} "CityChain backup"
LangString BACKUP ${LANG_SIMPCHINESE} "城链备份"
LangString ENTRY ${LANG_ENGLISH} "Way into a CityChain network"
LangString ENTRY ${LANG_SIMPCHINESE} "城链网络准入文件"

Var Current ; the place that works now: app-a, app-b or nothing
Var Next    ; the place that is filled
Var Left    ; "1" when something that should be gone is still there

!macro REFUSE CODE SENTENCE
  SetErrorLevel ${CODE}
  MessageBox MB_OK|MB_ICONSTOP "${SENTENCE}" /SD IDOK
  Quit
!macroend

; WORD of setup_steps.py by the Python of PLACE; $0 is its exit code, or a word when it did not run
!macro STEP PLACE WORD
  StrCpy $0 0
  ${If} ${FileExists} "$INSTDIR\${PLACE}\python\python.exe"
    nsExec::Exec '"$INSTDIR\${PLACE}\python\python.exe" "$INSTDIR\${PLACE}\setup_steps.py" ${WORD}'
    Pop $0
  ${EndIf}
!macroend

!macro FUNCTIONS UN
; Delete what the manifest of place $9 lists: files, then their folders where nothing else is in them.
Function ${UN}deletePlace
  Push $0
  Push $1
  Push $2
  Push $4
  StrCpy $4 "0"
  ClearErrors
  FileOpen $0 "$INSTDIR\$9\manifest.txt" r
  ${IfNot} ${Errors}
    FileReadUTF16LE $0 $1 ; the mark
    ${Do}
      ClearErrors
      FileReadUTF16LE $0 $1
      ${If} ${Errors}
        ${ExitDo}
      ${EndIf}
      StrCpy $2 $1 1
      StrCpy $1 $1 "" 2
      ${Do} ; without the line's end
        Push $3
        StrCpy $3 $1 1 -1
        ${If} $3 != "$\r"
        ${AndIf} $3 != "$\n"
          Pop $3
          ${ExitDo}
        ${EndIf}
        Pop $3
        StrCpy $1 $1 -1
      ${Loop}
      Push $1
      Call ${UN}isPlain
      Pop $3
      ${If} $3 == "1"
        ${If} $2 == "F"
          ClearErrors
          Delete "$INSTDIR\$9\$1"
          ${If} ${Errors}
            StrCpy $4 "1"
          ${EndIf}
        ${ElseIf} $2 == "D"
          RMDir "$INSTDIR\$9\$1"
        ${EndIf}
      ${EndIf}
    ${Loop}
    FileClose $0
    ${If} $4 == "0" ; what is in use goes the next time, by the same list
      Delete "$INSTDIR\$9\manifest.txt"
    ${EndIf}
    RMDir "$INSTDIR\$9"
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\$9\*.*"
    StrCpy $Left "1"
  ${EndIf}
  Pop $4
  Pop $2
  Pop $1
  Pop $0
FunctionEnd

; Whether a manifest's path stays below its folder: not empty, no "..", no ":", no "\" before it.
Function ${UN}isPlain
  Exch $0
  Push $1
  Push $2
  StrCpy $1 $0 1
  ${If} $1 == "\"
  ${OrIf} $1 == ""
    StrCpy $0 "0"
  ${Else}
    System::Call 'shlwapi::StrStrW(w r0, w "..") p .r1'
    System::Call 'shlwapi::StrStrW(w r0, w ":") p .r2'
    ${If} $1 P<> 0
    ${OrIf} $2 P<> 0
      StrCpy $0 "0"
    ${Else}
      StrCpy $0 "1"
    ${EndIf}
  ${EndIf}
  Pop $2
  Pop $1
  Exch $0
FunctionEnd

; One setup at a time, whichever folder it is pointed at.
Function ${UN}beAlone
  System::Call 'kernel32::CreateMutexW(p 0, i 0, w "Local\CityChainSetup") p .r1 ?e'
  Pop $0
  ${If} $0 = 183
    !insertmacro REFUSE 2 "$(RUNS_ALREADY)"
  ${EndIf}
FunctionEnd
!macroend
!insertmacro FUNCTIONS ""
!insertmacro FUNCTIONS "un."

; $8 becomes "1" when place $9 is one of ours: its manifest begins with our mark.
Function isOurs
  Push $0
  Push $1
  StrCpy $8 "0"
  ClearErrors
  FileOpen $0 "$INSTDIR\$9\manifest.txt" r
  ${IfNot} ${Errors}
    FileReadUTF16LE $0 $1
    FileClose $0
    StrLen $0 "${MARK}"
    StrCpy $1 $1 $0
    ${If} $1 == "${MARK}"
      StrCpy $8 "1"
    ${EndIf}
  ${EndIf}
  Pop $1
  Pop $0
FunctionEnd

; $7 becomes "1" when the chosen folder may be used: ours, empty, or not there yet.
Function mayBeUsed
  StrCpy $7 "1"
  StrCpy $9 "app-a"
  Call isOurs
  ${If} $8 == "1"
    Return
  ${EndIf}
  StrCpy $9 "app-b"
  Call isOurs
  ${If} $8 == "1"
    Return
  ${EndIf}
  ClearErrors
  FindFirst $0 $1 "$INSTDIR\*.*"
  ${IfNot} ${Errors}
    ${Do}
      ${If} $1 == ""
        ${ExitDo}
      ${EndIf}
      ${If} $1 != "."
      ${AndIf} $1 != ".."
        StrCpy $7 "0"
      ${EndIf}
      FindNext $0 $1
    ${Loop}
    FindClose $0
  ${ElseIf} ${FileExists} "$INSTDIR"
    StrCpy $7 "0" ; a file of that name, or a folder that cannot be read
  ${EndIf}
  ClearErrors
FunctionEnd

Function checkPlace
  Call mayBeUsed
  ${If} $7 == "0"
    MessageBox MB_OK|MB_ICONSTOP "$(NOT_OURS)" /SD IDOK
    Abort
  ${EndIf}
FunctionEnd

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
  ${OrIfNot} ${AtLeastBuild} 17763
    !insertmacro REFUSE 2 "$(OLD_WINDOWS)"
  ${EndIf}
  Call beAlone
FunctionEnd

; The version that does not work, or not any more, goes; the one before stays. Also called when the disk fills up.
Function .onInstFailed
  ${If} $Next != ""
    SetOutPath "$TEMP"
    !insertmacro STEP "$Next" "start" ; what ran before runs again
    StrCpy $9 $Next
    Call deletePlace
    ${If} $Current == ""
      Delete "$INSTDIR\bin\citychain.ico"
      RMDir "$INSTDIR\bin"
    ${EndIf}
    RMDir "$INSTDIR"
    SetErrorLevel 3
  ${EndIf}
FunctionEnd

!macro FAIL SENTENCE
  MessageBox MB_OK|MB_ICONSTOP "${SENTENCE}" /SD IDOK
  SetErrorLevel 3
  Abort "${SENTENCE}"
!macroend

; A command is exchanged in one step; one that still runs can be renamed but not replaced, hence the second way. The
; one before stays beside it until all are exchanged.
!macro EXCHANGE NAME
  ${If} $2 == "0"
  ${AndIf} ${FileExists} "$INSTDIR\$1\start\${NAME}"
    Delete "$INSTDIR\bin\${NAME}.before"
    StrCpy $0 1
    ${If} ${FileExists} "$INSTDIR\bin\${NAME}"
      System::Call 'kernel32::CopyFileW(w "$INSTDIR\bin\${NAME}", w "$INSTDIR\bin\${NAME}.before", i 0) i .r0'
    ${EndIf}
    ${If} $0 = 0
      StrCpy $2 "1"
    ${Else}
      System::Call 'kernel32::MoveFileExW(w "$INSTDIR\$1\start\${NAME}", w "$INSTDIR\bin\${NAME}", i 9) i .r0'
      ${If} $0 = 0
        Delete "$INSTDIR\bin\${NAME}.before"
        ClearErrors
        Rename "$INSTDIR\bin\${NAME}" "$INSTDIR\bin\${NAME}.before"
        Rename "$INSTDIR\$1\start\${NAME}" "$INSTDIR\bin\${NAME}"
        ${If} ${Errors}
          Rename "$INSTDIR\bin\${NAME}.before" "$INSTDIR\bin\${NAME}"
          StrCpy $2 "1"
        ${EndIf}
      ${EndIf}
    ${EndIf}
  ${EndIf}
!macroend

; The command before comes back where the new one was put in its place already.
!macro TAKE_BACK NAME
  ${IfNot} ${FileExists} "$INSTDIR\$1\start\${NAME}"
    ${If} ${FileExists} "$INSTDIR\bin\${NAME}.before"
      System::Call 'kernel32::MoveFileExW(w "$INSTDIR\bin\${NAME}.before", w "$INSTDIR\bin\${NAME}", i 9) i .r0'
      ${If} $0 = 0
        Rename "$INSTDIR\bin\${NAME}" "$INSTDIR\$1\start\${NAME}"
        Rename "$INSTDIR\bin\${NAME}.before" "$INSTDIR\bin\${NAME}"
      ${EndIf}
    ${ElseIf} $Current == ""
      Delete "$INSTDIR\bin\${NAME}"
    ${EndIf}
  ${EndIf}
!macroend

; Make the version in place $1, which is whole, the one that works; $2 is "1" when that failed, and then the version
; before works with all its commands. An earlier setup that was interrupted in the middle of this is brought to its end
; in the same way.
Function takeOver
  StrCpy $2 "0"
  !insertmacro EXCHANGE "citychain.exe"
  !insertmacro EXCHANGE "citychain-console.exe"
  !insertmacro EXCHANGE "current.txt"
  ${If} $2 == "0"
    Delete "$INSTDIR\bin\citychain.exe.before"
    Delete "$INSTDIR\bin\citychain-console.exe.before"
    Delete "$INSTDIR\bin\current.txt.before"
  ${Else}
    !insertmacro TAKE_BACK "current.txt"
    !insertmacro TAKE_BACK "citychain-console.exe"
    !insertmacro TAKE_BACK "citychain.exe"
  ${EndIf}
  Delete "$INSTDIR\$1\start\whole.txt"
  ${If} $2 == "0"
    RMDir "$INSTDIR\$1\start"
  ${EndIf}
FunctionEnd

; A kind of file: its name, its icon, and the console that opens it
!macro KIND CLASS WORDS
  WriteRegStr HKCU "${CLASSES}\${CLASS}" "" "${WORDS}"
  WriteRegStr HKCU "${CLASSES}\${CLASS}\DefaultIcon" "" "$INSTDIR\bin\citychain.ico"
  WriteRegStr HKCU "${CLASSES}\${CLASS}\shell\open\command" "" '"$INSTDIR\bin\citychain-console.exe" "%1"'
!macroend

Section "CityChain"
  Call mayBeUsed
  ${If} $7 == "0"
    SetErrorLevel 2
    MessageBox MB_OK|MB_ICONSTOP "$(NOT_OURS)" /SD IDOK
    Quit
  ${EndIf}

  ; a setup that was interrupted while it exchanged the commands
  ${If} ${FileExists} "$INSTDIR\app-a\start\whole.txt"
    StrCpy $1 "app-a"
    Call takeOver
  ${ElseIf} ${FileExists} "$INSTDIR\app-b\start\whole.txt"
    StrCpy $1 "app-b"
    Call takeOver
  ${EndIf}
  ; which place works now
  StrCpy $Current ""
  ClearErrors
  FileOpen $0 "$INSTDIR\bin\current.txt" r
  ${IfNot} ${Errors}
    FileRead $0 $1
    FileClose $0
    StrCpy $Current $1 5
  ${EndIf}
  StrCpy $1 "app-a"
  ${If} $Current == "app-a"
    StrCpy $1 "app-b"
  ${EndIf}
  ; what an interrupted setup left in the free place
  StrCpy $9 $1
  Call deletePlace
  StrCpy $Next $1

  ClearErrors
  SetOutPath "$INSTDIR\$Next"
  File "${STAGE}\app\manifest.txt" ; first, so that all that follows is known to be ours
  File /r "${STAGE}\app\*.*"
  SetOutPath "$INSTDIR\$Next\start"
  ${If} $Next == "app-a"
    File "${STAGE}\start-a\*.*"
  ${Else}
    File "${STAGE}\start-b\*.*"
  ${EndIf}
  SetOutPath "$INSTDIR\bin"
  File "${STAGE}\bin\citychain.ico"
  SetOutPath "$INSTDIR"
  ${If} ${Errors}
    !insertmacro FAIL "$(NOT_COPIED)"
  ${EndIf}

  ; Nodes and an open console run from the folder of the version before. The new version stops them: it knows how.
  DetailPrint "$(STOPPING)"
  !insertmacro STEP "$Next" "stop"
  ${If} $0 != 0
    !insertmacro FAIL "$(NOT_STOPPED)"
  ${EndIf}
  ClearErrors
  FileOpen $0 "$INSTDIR\$Next\start\whole.txt" w
  FileClose $0
  StrCpy $1 $Next
  Call takeOver
  ${If} $2 == "1"
    !insertmacro FAIL "$(NOT_COPIED)"
  ${EndIf}
  StrCpy $Next "" ; from here on it is the version that works, and stays whatever fails
  ${If} $Current != ""
  ${AndIf} $Current != $1
    StrCpy $9 $Current
    Call deletePlace ; a file that is in use stays; the next upgrade takes it away
  ${EndIf}

  WriteUninstaller "$INSTDIR\uninstall.exe"
  !insertmacro STEP "$1" "path-add"
  CreateShortcut "$SMPROGRAMS\$(MENU_NAME).lnk" "$INSTDIR\bin\citychain-console.exe" "" "$INSTDIR\bin\citychain.ico"
  ; evidence packages end in .evidence.zip: archives open as before, and CityChain stands under "Open with"
  !insertmacro KIND "CityChain.Evidence" "$(EVIDENCE)"
  WriteRegStr HKCU "${CLASSES}\.zip\OpenWithProgids" "CityChain.Evidence" ""
  !insertmacro KIND "CityChain.Backup" "$(BACKUP)"
  WriteRegStr HKCU "${CLASSES}\.ccb" "" "CityChain.Backup"
  !insertmacro KIND "CityChain.Entry" "$(ENTRY)"
  WriteRegStr HKCU "${CLASSES}\.citychain" "" "CityChain.Entry"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  WriteRegStr HKCU "${KEY}" "DisplayName" "CityChain"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${KEY}" "URLInfoAbout" "${HOMEPAGE}"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\bin\citychain.ico"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" ${KILOBYTES}
  DetailPrint "$(STARTING)"
  !insertmacro STEP "$1" "start"
SectionEnd

Function un.onInit
  Call un.beAlone
FunctionEnd

; Only what the installer put there is removed, never a folder that it was pointed at.
Section "Uninstall"
  SetOutPath "$TEMP"
  StrCpy $Left "0"
  !insertmacro STEP "app-a" "stop"
  !insertmacro STEP "app-b" "stop"
  ${If} ${FileExists} "$INSTDIR\app-a\setup_steps.py"
    !insertmacro STEP "app-a" "path-remove"
  ${Else}
    !insertmacro STEP "app-b" "path-remove"
  ${EndIf}
  StrCpy $9 "app-a"
  Call un.deletePlace
  StrCpy $9 "app-b"
  Call un.deletePlace
  Delete "$INSTDIR\bin\citychain.exe"
  Delete "$INSTDIR\bin\citychain.exe.before"
  Delete "$INSTDIR\bin\citychain-console.exe"
  Delete "$INSTDIR\bin\citychain-console.exe.before"
  Delete "$INSTDIR\bin\citychain.ico"
  Delete "$INSTDIR\bin\current.txt"
  Delete "$INSTDIR\bin\current.txt.before"
  RMDir "$INSTDIR\bin"
  Delete "$SMPROGRAMS\CityChain.lnk"
  Delete "$SMPROGRAMS\城链 CityChain.lnk"
  DeleteRegKey HKCU "${CLASSES}\CityChain.Evidence"
  DeleteRegKey HKCU "${CLASSES}\CityChain.Backup"
  DeleteRegKey HKCU "${CLASSES}\CityChain.Entry"
  DeleteRegKey HKCU "${CLASSES}\.citychain"
  DeleteRegValue HKCU "${CLASSES}\.zip\OpenWithProgids" "CityChain.Evidence"
  DeleteRegKey HKCU "${CLASSES}\.ccb"
  ${If} $Left == "1"
    SetErrorLevel 3
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(NOT_REMOVED)" /SD IDOK
  ${Else}
    Delete "$INSTDIR\uninstall.exe"
    RMDir "$INSTDIR"
    DeleteRegKey HKCU "${KEY}"
  ${EndIf}
SectionEnd
