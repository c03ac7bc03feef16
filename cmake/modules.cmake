# cs_module(name SOURCES … LINKS … [PRIVATE_LINKS …]) makes the library of one folder under src/.
#
# The only include path that a module gives away holds just that module (a link to its folder), so `#include "store/tx.h"`
# compiles only where `store` is linked: a wrong arrow fails to build.
function(cs_module name)
  cmake_parse_arguments(MODULE "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  set(include ${PROJECT_BINARY_DIR}/modules/${name})
  file(MAKE_DIRECTORY ${include})
  if(NOT EXISTS ${include}/${name})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${name} ${include}/${name} SYMBOLIC)
  endif()
  add_library(cs_${name} STATIC ${MODULE_SOURCES})
  target_include_directories(cs_${name} PUBLIC ${include})
  target_link_libraries(cs_${name} PUBLIC ${MODULE_LINKS} PRIVATE ${MODULE_PRIVATE_LINKS})
  cs_precompile(cs_${name} cs_precompiled)
endfunction()

# Only what hangs takes so many seconds, on the slowest machine and under every sanitizer.
set(CS_TEST_TIMEOUT 1800)

# cs_test(name SOURCES … LINKS … [THREADED] [COST seconds] [SHARDS number]) makes one GoogleTest binary
# and registers it with ctest. THREADED: the suite starts threads, so it also runs under the thread sanitizer. COST: about
# how long it takes; the longest start first, so that none of them is alone at the end. SHARDS: it runs as so many
# processes side by side, each with its part of the tests.
add_custom_target(threaded_tests)
function(cs_test name)
  cmake_parse_arguments(TEST "THREADED" "COST;SHARDS" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE CS_SOURCE_DIR="${PROJECT_SOURCE_DIR}" CS_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE ${TEST_LINKS} GTest::gmock GTest::gtest_main)
  # As the libraries are compiled, and not -fPIE: else the precompiled headers would not be taken.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC ${CS_TEST_OPTIONS})
  # Up to ten sources in a batch, evenly: they share more headers and templates than the files of a module.
  list(LENGTH TEST_SOURCES count)
  math(EXPR batches "(${count} + 9) / 10")
  math(EXPR size "(${count} + ${batches} - 1) / ${batches}")
  set_target_properties(${name} PROPERTIES UNITY_BUILD_BATCH_SIZE ${size})
  if(TARGET cs_precompiled_fixture AND "cs_test_fixture" IN_LIST TEST_LINKS)
    cs_precompile(${name} cs_precompiled_fixture)
  else()
    cs_precompile(${name} cs_precompiled_tests)
  endif()
  cs_run_test(${name} ${name} COST ${TEST_COST} SHARDS ${TEST_SHARDS})
  if(TEST_THREADED)
    set_tests_properties(${${name}_ENTRIES} PROPERTIES LABELS threaded)
    add_dependencies(threaded_tests ${name})
  endif()
endfunction()

# cs_run_test(entry binary [ARGUMENTS …] [ENVIRONMENT …] [COST seconds] [SHARDS number]) registers a
# GoogleTest binary with ctest, as `entry` or `entry_1` to `entry_<SHARDS>`, listed in ${entry}_ENTRIES.
function(cs_run_test entry binary)
  cmake_parse_arguments(RUN "" "COST;SHARDS" "ARGUMENTS;ENVIRONMENT" ${ARGN})
  if(NOT RUN_COST)
    set(RUN_COST 1)
  endif()
  set(entries ${entry})
  if(RUN_SHARDS)
    set(entries "")
    foreach(number RANGE 1 ${RUN_SHARDS})
      list(APPEND entries ${entry}_${number})
    endforeach()
  endif()
  set(index 0)
  foreach(one ${entries})
    add_test(NAME ${one} COMMAND ${binary} ${RUN_ARGUMENTS})
    set(environment ${RUN_ENVIRONMENT})
    if(RUN_SHARDS)
      list(APPEND environment GTEST_TOTAL_SHARDS=${RUN_SHARDS} GTEST_SHARD_INDEX=${index})
    endif()
    set_tests_properties(${one} PROPERTIES TIMEOUT ${CS_TEST_TIMEOUT} COST ${RUN_COST} ENVIRONMENT "${environment}")
    math(EXPR index "${index} + 1")
  endforeach()
  set(${entry}_ENTRIES ${entries} PARENT_SCOPE)
endfunction()
