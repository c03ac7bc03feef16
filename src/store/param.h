#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/time.h"

namespace countersign::store {

/// Marks bytes, as opposed to text, as a parameter: `Blob{sealed}`.
struct Blob {
  std::string_view bytes;
};

/// A value for one placeholder of a statement. Borrows its source, so use it only in the argument list of a Tx call.
///
/// Values are in the order in which the placeholders first appear in the text. One or two may be given without names;
/// from three on each names its placeholder:
///
///     tx.one(kFind, {account, id}, …);
///     tx.put(kSave, {{"proved_at", contact.proved_at}, {"account_id", account}, {"id", contact.id}});
///
/// Names that differ from the statement's, or their order, abort when a connection first prepares the statement
/// (store/placeholders.h), so no test can pass with values that do not match the text. After that they cost nothing.
///
/// Converts implicitly from integers, bool (0 or 1), text, Blob, ids (16 bytes), WallTime (microseconds), nullptr, and
/// std::optional of any of these. Text must be UTF-8; pass anything else as a Blob.
class Param {
 public:
  enum class Kind : std::uint8_t { kNull, kInteger, kText, kBlob };

  // NOLINTBEGIN(google-explicit-constructor)
  Param(std::nullptr_t) : kind_(Kind::kNull) {}
  template <std::integral T>
    requires(std::numeric_limits<T>::digits <= 63)
  Param(T value) : kind_(Kind::kInteger), integer_(static_cast<std::int64_t>(value)) {}
  template <class T>
    requires std::convertible_to<const T&, std::string_view>
  Param(const T& text) : kind_(Kind::kText), bytes_(text) {}
  Param(Blob blob) : kind_(Kind::kBlob), bytes_(blob.bytes) {}
  Param(const Id& id) : kind_(Kind::kBlob), bytes_(id.bytes()) {}
  template <class IdKind>
  Param(const IdOf<IdKind>& id) : kind_(Kind::kBlob), bytes_(id.bytes()) {}
  Param(WallTime time) : kind_(Kind::kInteger), integer_(to_micros(time)) {}
  template <class T>
  Param(const std::optional<T>& value) : Param(value ? Param(*value) : Param(nullptr)) {}
  // NOLINTEND(google-explicit-constructor)
  Param(std::string_view name, const Param& value) : Param(value) { name_ = name; }

  /// The placeholder's name without its colon; empty if not given.
  [[nodiscard]] std::string_view name() const { return name_; }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] std::int64_t integer() const { return integer_; }
  /// For text or a blob.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  Kind kind_;
  std::int64_t integer_ = 0;
  std::string_view bytes_;
  std::string_view name_;
};

/// Optional bytes; NULL if absent.
[[nodiscard]] inline std::optional<Blob> optional_blob(const std::optional<std::string>& bytes) {
  return bytes ? std::optional(Blob{*bytes}) : std::nullopt;
}

}  // namespace countersign::store
