#pragma once

namespace countersign::store::postgres {

// Object ids of the types that statements use, which are the same in every server that speaks the protocol
// (pg_type.dat).
inline constexpr unsigned int kBool = 16;
inline constexpr unsigned int kBytea = 17;
inline constexpr unsigned int kName = 19;
inline constexpr unsigned int kInt8 = 20;
inline constexpr unsigned int kInt2 = 21;
inline constexpr unsigned int kInt4 = 23;
inline constexpr unsigned int kText = 25;
inline constexpr unsigned int kVarchar = 1043;

}  // namespace countersign::store::postgres
