; The installer for one person, without administrator rights. packaging/windows.sh builds it.
;   tagscope-setup.exe /S            silently, into %LOCALAPPDATA%\Programs\Tagscope, without a change of PATH
;   tagscope-setup.exe /S /PATH      silently, and the folder joins the person's PATH
;   tagscope-setup.exe /S /D=FOLDER  into another folder
; Exit status: 0 done, 1 canceled, 2 stopped by an error, such as a running Tagscope, a newer one installed or a full disk.
; Sixty-four bits as the program, so that both need the same Windows.
Target amd64-unicode
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma
; Files keep the time of the commit, so that the installer is the same each time.
SetDateSave on
AllowSkipFiles off

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WordFunc.nsh
!include WinMessages.nsh

Name "Tagscope"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Tagscope"
InstallDirRegKey HKCU "Software\Tagscope" "InstallDir"
VIProductVersion "${VERSION4}"
VIAddVersionKey ProductName "Tagscope"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "Tagscope installer"
VIAddVersionKey LegalCopyright "MIT OR Apache-2.0"

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Tagscope"
!define MUI_ICON "${ROOT}\assets\icons\tagscope.ico"
!define MUI_UNICON "${ROOT}\assets\icons\tagscope.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\tagscopew.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Open Tagscope"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

; stop WORDS: says why nothing was installed, and ends.
!macro stop WORDS
  MessageBox MB_OK|MB_ICONEXCLAMATION "${WORDS}" /SD IDOK
  SetErrorLevel 2
  Quit
!macroend

Section "Tagscope" SecProgram
  SectionIn RO
  ; A running program cannot be replaced. All files are tried before the first is written.
  ${If} ${FileExists} "$INSTDIR\tagscope.exe"
    ClearErrors
    Delete "$INSTDIR\tagscope.exe.old"
    Rename "$INSTDIR\tagscope.exe" "$INSTDIR\tagscope.exe.old"
    ${If} ${Errors}
      !insertmacro stop "Tagscope is running. Close it, then start the installer again."
    ${EndIf}
  ${EndIf}
  SetOutPath "$INSTDIR"
  ClearErrors
  SetOverwrite try
  File "${STAGE}\tagscope.exe"
  File "${STAGE}\tagscopew.exe"
  File "${STAGE}\tagscope.ico"
  File "${STAGE}\LICENSE-MIT.txt"
  File "${STAGE}\LICENSE-APACHE.txt"
  File "${STAGE}\third-party-licenses.txt"
  File "${STAGE}\README.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  ${If} ${Errors}
    Delete "$INSTDIR\tagscope.exe"
    Rename "$INSTDIR\tagscope.exe.old" "$INSTDIR\tagscope.exe"
    !insertmacro stop "Some files cannot be written into $INSTDIR. Is the disk full, or is Tagscope running? The earlier version is still there, if there was one."
  ${EndIf}
  Delete "$INSTDIR\tagscope.exe.old"
  CreateShortcut "$SMPROGRAMS\Tagscope.lnk" "$INSTDIR\tagscopew.exe" "" "$INSTDIR\tagscope.ico"
  WriteRegStr HKCU "Software\Tagscope" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Tagscope"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\tagscope.ico"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Tagscope developers"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
SectionEnd

Section /o "Commands in a terminal (adds the folder to your PATH)" SecPath
  ReadRegStr $0 HKCU "Environment" "Path"
  StrLen $1 $0
  StrLen $2 "$INSTDIR"
  IntOp $1 $1 + $2
  ; A longer text would come back cut, and a cut PATH must not be written.
  ${If} $1 > 1000
    MessageBox MB_OK|MB_ICONINFORMATION "Your PATH is too long to be changed here. Add $INSTDIR to it in the Windows settings, under $\"Edit environment variables for your account$\"." /SD IDOK
  ${Else}
    ClearErrors
    ${WordReplace} ";$0;" ";$INSTDIR;" ";" "E+" $2
    ${If} ${Errors}
      ${If} $0 == ""
        WriteRegExpandStr HKCU "Environment" "Path" "$INSTDIR"
      ${Else}
        WriteRegExpandStr HKCU "Environment" "Path" "$0;$INSTDIR"
      ${EndIf}
      SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
    ${EndIf}
    WriteRegDWORD HKCU "Software\Tagscope" "InPath" 1
  ${EndIf}
SectionEnd

Section Uninstall
  ClearErrors
  Delete "$INSTDIR\tagscope.exe"
  ${If} ${Errors}
    !insertmacro stop "Tagscope is running. Close it, then uninstall it again."
  ${EndIf}
  Delete "$INSTDIR\tagscopew.exe"
  Delete "$INSTDIR\tagscope.ico"
  Delete "$INSTDIR\LICENSE-MIT.txt"
  Delete "$INSTDIR\LICENSE-APACHE.txt"
  Delete "$INSTDIR\third-party-licenses.txt"
  Delete "$INSTDIR\README.txt"
  Delete "$INSTDIR\uninstall.exe"
  ; Not recursively: whatever else is in there is the person's.
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Tagscope.lnk"
  ReadRegDWORD $0 HKCU "Software\Tagscope" "InPath"
  ${If} $0 == 1
    ReadRegStr $0 HKCU "Environment" "Path"
    StrLen $1 $0
    ${If} $1 < 1000
      ${WordReplace} ";$0;" ";$INSTDIR;" ";" "+" $1
      ; Without the two separators that made the ends like the middle.
      StrCpy $1 $1 "" 1
      StrLen $2 $1
      ${If} $2 > 0
        StrCpy $1 $1 -1
      ${EndIf}
      ${If} $1 == ""
        DeleteRegValue HKCU "Environment" "Path"
      ${Else}
        WriteRegExpandStr HKCU "Environment" "Path" "$1"
      ${EndIf}
      SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
    ${EndIf}
  ${EndIf}
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\Tagscope"
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${SecProgram} "The program, and an entry in the start menu."
  !insertmacro MUI_DESCRIPTION_TEXT ${SecPath} "Then $\"tagscope export$\" and the other commands work in every new terminal."
!insertmacro MUI_FUNCTION_DESCRIPTION_END

Function .onInit
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/PATH" $1
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${SecPath}
  ${EndIf}
  ReadRegStr $1 HKCU "${UNINSTALL}" "DisplayVersion"
  ${If} $1 != ""
    ${VersionCompare} "${VERSION}" "$1" $2
    ${If} $2 == 2
      ClearErrors
      ${GetOptions} $0 "/OLDER" $3
      ${If} ${Errors}
        MessageBox MB_YESNO|MB_ICONQUESTION "Tagscope $1 is installed, which is newer than ${VERSION}. Replace it with the older version? Your settings and reviews stay." /SD IDNO IDYES older
        SetErrorLevel 2
        Quit
        older:
      ${EndIf}
    ${EndIf}
  ${EndIf}
FunctionEnd
