"""What test.py builds: of each language the packages of Debian 12, the command, and what an author has to know."""

# Names in braces: src, this folder; header, that of stratagem.h; work, a folder for what the compiler leaves; so, the
# plugin; map, a version script that leaves one symbol.
LANGUAGES = [
    {"name": "cpp", "title": "C++", "needs": "g++", "packages": "g++",
     "build": "g++ -std=c++17 -O2 -shared -fPIC -fvisibility=hidden -I{header} {src}/early_stop.cpp -o {so} -Wl,--version-script={map}",
     "switch": "`-fPIC`; a version script, since templates of the standard library are visible; catch every exception at the boundary", "without": "nothing"},
    {"name": "go", "title": "[Go](../../examples/other-languages/go/early_stop.go)", "needs": "go", "packages": "golang-go gcc",
     "build": "cd {src}/go; CGO_CFLAGS='-O2 -I{header}' go build -buildmode=c-shared "
              "-ldflags='-s -w -extldflags=-Wl,--version-script={map}' -o {so} early_stop.go",
     "switch": "`-buildmode=c-shared`; a version script; what C holds is a `cgo.Handle` and memory of C's",
     "without": "a process without its threads and signal handlers: the runtime starts when the file is loaded"},
    {"name": "d", "title": "D", "needs": "ldc2", "packages": "ldc",
     "build": "ldc2 -betterC -shared -relocation-model=pic -O2 -fvisibility=hidden -od={work} {src}/early_stop.d -of={so}",
     "switch": "`-betterC -relocation-model=pic -fvisibility=hidden`",
     "without": "collector, exceptions and classes: its runtime would have to be told of each thread of the host's"},
    {"name": "ada", "title": "Ada", "needs": "gnatbind", "packages": "gnat",
     "build": "gcc -c -fPIC -O2 -gnat2012 -I{src} {src}/early_stop.adb; gnatbind -n -Lada_ -a early_stop.ali; gcc -c -fPIC b~early_stop.adb; "
              "gcc -shared *.o -o {so} -L$(dirname $(gcc -print-libgcc-file-name))/adalib -l:libgnarl_pic.a -l:libgnat_pic.a -Wl,--version-script={map}",
     "switch": "the tasking runtime, by a `with`; `gnatbind -a`, which starts the runtime at load; `-fPIC` and the `_pic` archives",
     "without": "a process without its signal handlers"},
    {"name": "pascal", "title": "Free Pascal", "needs": "fpc", "packages": "fp-compiler fp-units-rtl",
     "build": "fpc -v0 -O2 -Cg -XX -Xs -FE{work} -o{so} {src}/early_stop.pas",
     "switch": "`-Cg`; units `cmem`, `cthreads` first; `IsMultiThread := True`", "without": "Pascal's own heap; a refusal when memory has run out: it crashes"},
    {"name": "fortran", "title": "[Fortran](../../examples/other-languages/fortran/early_stop.f90)", "needs": "gfortran", "packages": "gfortran",
     "build": "gfortran -std=f2018 -O2 -frecursive -shared -fPIC -J{work} {src}/fortran/early_stop.f90 -o {so} -Wl,--version-script={map}",
     "switch": "`-frecursive`, or large local arrays are shared by all threads; `-fPIC`; a version script",
     "without": "a single file: Debian's libgfortran cannot be linked in; unsigned numbers"},
    {"name": "nim", "title": "[Nim](../../examples/other-languages/nim/early_stop.nim)", "needs": "nim", "packages": "nim gcc",
     "build": "nim c --app:lib --mm:arc --threads:on -d:useMalloc -d:noSignalHandler -d:release --panics:on --hints:off --nimcache:{work}/cache "
              "--passL:-Wl,--version-script={map} -o:{so} {src}/nim/early_stop.nim",
     "switch": "`--mm:arc -d:useMalloc -d:noSignalHandler --threads:on`; a version script", "without": "its older collector (`refc`), which belongs to one thread; a refusal when memory has run out: it crashes"},
    {"name": "ocaml", "title": "OCaml", "needs": "ocamlopt", "packages": "ocaml-nox gcc",
     "build": "cp {src}/ocaml/* .; ocamlopt -output-complete-obj -runtime-variant _pic "
              "-ccopt '-O2 -I{header} -Wl,--version-script={map}' -o {so} early_stop.ml stubs.c",
     "switch": "a lock around each call; `-runtime-variant _pic`; the start of the runtime at load; a version script; a file in C",
     "without": "two searches at the same moment (OCaml 4); a process without its signal handler"},
    {"name": "haskell", "title": "Haskell", "needs": "ghc", "packages": "ghc",
     "build": "cp {src}/haskell/start.c .; hsc2hs -I{header} {src}/haskell/EarlyStop.hsc -o EarlyStop.hs; ghc -v0 -O1 -shared -dynamic -fPIC -threaded -I{header} "
              "EarlyStop.hs start.c -o {so} -lHSrts_thr-ghc$(ghc --numeric-version) -optl-Wl,--version-script={map}",
     "switch": "`-threaded -dynamic -fPIC`; `-V0 --install-signal-handlers=no` at its start; a version script; a file in C",
     "without": "a single file: Debian's GHC has its libraries as shared objects only; a process without its threads"},
    {"name": "cython", "title": "Cython", "needs": "cython3", "packages": "cython3 libpython3-dev gcc",
     "build": "cython3 {src}/early_stop.pyx -o early_stop.c; gcc -shared -fPIC -O2 -fvisibility=hidden -DCYTHON_PEP489_MULTI_PHASE_INIT=0 "
              "-DPYTHON_LIBRARY='\"'$(/usr/bin/python3 -c 'import sysconfig; print(sysconfig.get_config_var(\"INSTSONAME\"))')'\"' "
              "-DPYTHON_PROGRAM='\"/usr/bin/python3\"' -I{header} $(/usr/bin/python3-config --includes) early_stop.c -o {so} $(/usr/bin/python3-config --ldflags --embed) "
              "-Wl,--version-script={map}",
     "switch": "`with gil` at each function; the start of Python, isolated and with a fixed seed of hashes; libpython for all to see; a version script",
     "without": "two searches at the same moment; a single file: it needs libpython"},
    {"name": "cffi", "title": "cffi", "needs": "/usr/bin/python3", "packages": "python3-cffi libpython3-dev gcc",
     "build": "/usr/bin/python3 {src}/early_stop_cffi.py {header} {so} -Wl,--version-script={map}",
     "switch": "libpython for all to see; a version script", "without": "two searches at the same moment; a single file: it needs libpython and the package"},
]

# The same files, built as one might at first.
BROKEN = [
    {"name": "nim", "title": "Nim", "needs": "nim", "how": "with its usual collector",
     "build": "nim c --app:lib --mm:refc --threads:on -d:noSignalHandler -d:release --hints:off --nimcache:{work}/cache --passL:-Wl,--version-script={map} "
              "-o:{so} {src}/nim/early_stop.nim"},
    {"name": "ada", "title": "Ada", "needs": "gnatbind", "how": "without the tasking runtime",
     "build": "sed '/Ada.Task_Identification/d' {src}/early_stop.adb > early_stop.adb; gcc -c -fPIC -O2 -gnat2012 -I{src} early_stop.adb; "
              "gnatbind -n -Lada_ -a early_stop.ali; gcc -c -fPIC b~early_stop.adb; "
              "gcc -shared *.o -o {so} -L$(dirname $(gcc -print-libgcc-file-name))/adalib -l:libgnat_pic.a -Wl,--version-script={map}"},
    {"name": "pascal", "title": "Free Pascal", "needs": "fpc", "how": "without `cmem`, `cthreads` and `IsMultiThread`",
     "build": "sed '/^  cmem,/d; /^  cthreads;/d; /^uses/d; /IsMultiThread/d' {src}/early_stop.pas > early_stop.pas; "
              "fpc -v0 -O2 -Cg -XX -Xs -FE{work} -o{so} early_stop.pas"},
    {"name": "ocaml", "title": "OCaml", "needs": "ocamlopt", "how": "without the lock",
     "build": "cp {src}/ocaml/* .; sed -i '/pthread_mutex_\\(un\\)\\?lock(/d' stubs.c; ocamlopt -output-complete-obj -runtime-variant _pic "
              "-ccopt '-O2 -I{header} -Wl,--version-script={map}' -o {so} early_stop.ml stubs.c"},
    {"name": "haskell", "title": "Haskell", "needs": "ghc", "how": "without `-threaded`",
     "build": "cp {src}/haskell/start.c .; hsc2hs -I{header} {src}/haskell/EarlyStop.hsc -o EarlyStop.hs; ghc -v0 -O1 -shared -dynamic -fPIC -I{header} "
              "EarlyStop.hs start.c -o {so} -lHSrts-ghc$(ghc --numeric-version) -optl-Wl,--version-script={map}"},
    {"name": "fortran", "title": "Fortran", "needs": "gfortran", "how": "with `-fno-automatic`, as old code needs it",
     "build": "sed 's/^    recursive /    /' {src}/fortran/early_stop.f90 > early_stop.f90; gfortran -O2 -fno-automatic -shared -fPIC -J{work} early_stop.f90 -o {so} -Wl,--version-script={map}"},
]
