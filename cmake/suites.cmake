# The suites' own compiler, and their precompiled headers. Included by tests/, for whose folders alone it holds.
#
# CS_SUITES_COMPILER: a clang++ that compiles what is below tests/, while the product stays with CMAKE_CXX_COMPILER. Clang
# without optimisation takes about half of the time of g++ for a suite, and both use the same standard library, so their objects
# link (docs/adr/0018). Empty: one compiler for all, as under the sanitizers, which each compiler has its own runtime for.
set(CS_SUITES_COMPILER "" CACHE FILEPATH "A clang++ for the suites; empty: the compiler of the product")

# Of the suites alone, whose code takes longer to optimise than to run.
set(CS_TEST_OPTIONS -O0)
if(CS_SUITES_COMPILER)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR CS_SANITIZE)
    message(FATAL_ERROR "CS_SUITES_COMPILER is for a product that g++ compiles without sanitizers")
  endif()
  # The generator takes these per folder; they are what CMake sets where clang compiles everything.
  set(CS_IN_SUITES ON)
  set(CMAKE_CXX_COMPILER ${CS_SUITES_COMPILER})
  set(CMAKE_CXX_COMPILER_ID Clang)
  set(CMAKE_PCH_EXTENSION .pch)
  set(CMAKE_PCH_PROLOGUE "#pragma clang system_header")
  set(CMAKE_CXX_COMPILE_OPTIONS_INVALID_PCH -Winvalid-pch)
  set(CMAKE_CXX_COMPILE_OPTIONS_INSTANTIATE_TEMPLATES_PCH -fpch-instantiate-templates)
  set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -Xclang -include-pch -Xclang <PCH_FILE> -Xclang -include -Xclang <PCH_HEADER>)
  set(CMAKE_CXX_COMPILE_OPTIONS_CREATE_PCH -Xclang -emit-pch -Xclang -include -Xclang <PCH_HEADER> -x c++-header)
  get_directory_property(options COMPILE_OPTIONS)
  list(REMOVE_ITEM options ${CS_GNU_OPTIONS})
  set_directory_properties(PROPERTIES COMPILE_OPTIONS "${options}")
  # Macros of OpenSSL cast const away; std::stable_sort of libstdc++ 12 uses what it deprecates itself.
  add_compile_options(-Wno-cast-qual -Wno-deprecated-declarations)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND CS_TEST_OPTIONS -ffold-simple-inlines)  # std::move and std::forward are no calls, as with -O1.
endif()

set(CS_TEST_HEADERS ${CS_COMMON_HEADERS} <gtest/gtest.h> <gmock/gmock.h> <rapidcheck.h>)
if(CS_PRECOMPILE)
  add_library(cs_precompiled_tests STATIC ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
  target_link_libraries(cs_precompiled_tests PUBLIC Boost::json fmt::fmt GTest::gmock)
  target_compile_options(cs_precompiled_tests PRIVATE ${CS_TEST_OPTIONS})
  target_precompile_headers(cs_precompiled_tests PRIVATE ${CS_TEST_HEADERS})
endif()

# The fixture and what it includes, which is most of the use cases, once for all suites that use it. By clang only, which reads of a
# precompiled header what is needed and does not mind other definitions.
function(cs_precompile_fixture)
  if(CS_PRECOMPILE AND CS_IN_SUITES)
    add_library(cs_precompiled_fixture STATIC ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
    target_link_libraries(cs_precompiled_fixture PUBLIC cs_test_support cs_usecase Boost::json fmt::fmt GTest::gmock)
    target_compile_options(cs_precompiled_fixture PRIVATE ${CS_TEST_OPTIONS})
    target_precompile_headers(cs_precompiled_fixture PRIVATE ${CS_TEST_HEADERS} ${PROJECT_SOURCE_DIR}/tests/unit/usecase/script.h)
  endif()
endfunction()
