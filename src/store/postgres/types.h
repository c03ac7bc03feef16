#pragma once

namespace countersign::store {

// Object ids of the types that statements use, which are the same in every server that speaks the protocol
// (pg_type.dat).
inline constexpr unsigned int kPgBool = 16;
inline constexpr unsigned int kPgBytea = 17;
inline constexpr unsigned int kPgName = 19;
inline constexpr unsigned int kPgInt8 = 20;
inline constexpr unsigned int kPgInt2 = 21;
inline constexpr unsigned int kPgInt4 = 23;
inline constexpr unsigned int kPgText = 25;
inline constexpr unsigned int kPgVarchar = 1043;

}  // namespace countersign::store
