# What nearly every file includes, compiled once: reading headers is most of the time that a file takes to compile
# (docs/adr/0018). The presets `editor` and `lint` do without, and so show that every file includes what it uses.
option(CS_PRECOMPILE "Compile the common headers once" OFF)
set(CMAKE_PCH_WARN_INVALID ON)  # With -Werror: a file that cannot take it does not build.

if(CS_PRECOMPILE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND CS_GNU_OPTIONS -fpch-preprocess)
    add_compile_options(-fpch-preprocess)  # Lets ccache see through it.
  endif()
  set(CS_COMMON_HEADERS <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <functional> <map> <memory> <mutex> <optional>
      <ranges> <span> <string> <string_view> <thread> <utility> <variant> <vector> <fmt/format.h> <boost/json/value.hpp>)
  add_library(cs_precompiled STATIC ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
  target_link_libraries(cs_precompiled PUBLIC Boost::json fmt::fmt)
  target_precompile_headers(cs_precompiled PRIVATE ${CS_COMMON_HEADERS})
  # What only the fuzzer of all routes or that of the configuration runs is compiled without optimisation, in half of the
  # time; the parsers keep theirs (docs/adr/0018).
  if(CS_FUZZ)
    set(CS_FUZZED_PLAIN cs_store cs_store_repository cs_usecase cs_api cs_settings cs_configuration)
    add_library(cs_precompiled_plain STATIC ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
    target_link_libraries(cs_precompiled_plain PUBLIC Boost::json fmt::fmt)
    target_compile_options(cs_precompiled_plain PRIVATE -O0)
    target_precompile_headers(cs_precompiled_plain PRIVATE ${CS_COMMON_HEADERS})
  endif()
endif()

# cs_precompile(target from): `target` uses what `from` has compiled. Below tests/, where clang cannot read what g++ has
# precompiled, it is compiled as the suites are.
function(cs_precompile target from)
  if(CS_PRECOMPILE)
    target_link_libraries(${target} PRIVATE Boost::json fmt::fmt)  # The same definitions, or it would not be taken.
    if(CS_IN_SUITES AND from STREQUAL cs_precompiled)
      target_link_libraries(${target} PRIVATE GTest::gmock)
      target_compile_options(${target} PRIVATE ${CS_TEST_OPTIONS})
      set(from cs_precompiled_tests)
    endif()
    if(CS_FUZZ AND target IN_LIST CS_FUZZED_PLAIN)
      target_compile_options(${target} PRIVATE -O0)
      set(from cs_precompiled_plain)
    endif()
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()
