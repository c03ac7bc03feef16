# One set of flags for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wcast-qual -Werror -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Clang drives the analysis and the fuzzers; what is shipped is what g++ accepts.
  add_compile_options(-Wno-error)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -fno-coroutines: g++ 12 miscompiles them silently, so they must not slip in (docs/adr/0001).
  # -Wno-restrict, -Wno-maybe-uninitialized: false alarms of g++ 12 inside libstdc++ at -O2 (GCC bugs 105329, 105562).
  set(CS_GNU_OPTIONS -fno-coroutines -Wno-restrict -Wno-maybe-uninitialized)
  # g++ looks for what it can forget from 128 MB on, again and again; a batch needs a gigabyte at most. A tenth of its time.
  list(APPEND CS_GNU_OPTIONS --param=ggc-min-heapsize=400000)
  add_compile_options(${CS_GNU_OPTIONS})
endif()
add_compile_definitions($<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-O2 -D_FORTIFY_SOURCE=2)
  add_link_options(-Wl,-z,relro,-z,now)
endif()

if(CS_SANITIZE)
  add_compile_definitions(CS_SANITIZED)
  add_compile_options(-fsanitize=${CS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CS_SANITIZE})
  if(CS_SANITIZE MATCHES "fuzzer")
    # What the address sanitizer, or the processor, ends anyway; a quarter of what a fuzzer's compilation takes (docs/adr/0018).
    add_compile_options(-fno-sanitize=null,alignment,object-size,vptr,function)
  endif()
  if(CS_SANITIZE MATCHES "thread")
    add_compile_options(-Wno-tsan)  # Asio's fence is not modelled by g++'s TSan.
  endif()
endif()

find_program(CS_CCACHE ccache)
if(CS_CCACHE)
  # Paths below the repository count as relative, so that one build folder finds what another has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CS_CCACHE})
endif()
find_program(CS_MOLD mold)
if(CS_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
