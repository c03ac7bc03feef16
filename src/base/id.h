#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/moment.h"

namespace countersign {

/// 128 bits: 48 bits of milliseconds since the epoch, then 80 random bits. Ids sort by creation time, so new rows are
/// appended at the end of their index. An id is not a secret; use a token where one is needed.
struct Id {
  std::array<std::uint8_t, 16> raw{};

  /// The 16 bytes as stored in the database.
  [[nodiscard]] std::string_view bytes() const { return {reinterpret_cast<const char*>(raw.data()), raw.size()}; }
  [[nodiscard]] static std::optional<Id> from_bytes(std::string_view bytes);
  [[nodiscard]] static std::optional<Id> from_hex(std::string_view text);  ///< 32 hex digits in either case.
  [[nodiscard]] static Id make(Moment& moment);

  /// The smallest id of `time`: the lower bound of a range scan by time.
  [[nodiscard]] static Id floor_of(WallTime time);
  [[nodiscard]] WallTime time() const;

  friend auto operator<=>(const Id&, const Id&) = default;
  /// One call also where nothing is inlined: histories are searched by ids.
  friend constexpr bool operator==(const Id& a, const Id& b) {
    return __builtin_memcmp(a.raw.data(), b.raw.data(), sizeof(a.raw)) == 0;
  }
};

/// An id of one kind of object, so that a verification id cannot be passed as a transaction id. Written as the
/// two-letter prefix of the kind and 32 lower-case hex digits, like Twilio's: `VE0193f0…`.
template <class Kind>
struct IdOf {
  Id id;

  [[nodiscard]] static IdOf make(Moment& moment) { return {Id::make(moment)}; }
  [[nodiscard]] std::string_view bytes() const { return id.bytes(); }
  [[nodiscard]] std::string text() const;
  void append_to(std::string& out) const;  ///< The same.
  [[nodiscard]] static std::optional<IdOf> parse(std::string_view text);
  [[nodiscard]] static std::optional<IdOf> from_bytes(std::string_view bytes) {
    const auto id = Id::from_bytes(bytes);
    return id ? std::optional<IdOf>(IdOf{*id}) : std::nullopt;
  }

  friend auto operator<=>(const IdOf&, const IdOf&) = default;
};

inline constexpr std::size_t kIdTextSize = 34;
[[nodiscard]] std::string id_text(std::string_view prefix, const Id& id);
void append_id(std::string& out, std::string_view prefix, const Id& id);
[[nodiscard]] std::optional<Id> parse_id(std::string_view prefix, std::string_view text);
/// Whether `text` has the form of an id of any kind: two capitals and 32 lower-case hex digits.
[[nodiscard]] bool looks_like_id(std::string_view text);

template <class Kind>
std::string IdOf<Kind>::text() const {
  return id_text(Kind::kPrefix, id);
}

template <class Kind>
void IdOf<Kind>::append_to(std::string& out) const {
  append_id(out, Kind::kPrefix, id);
}

template <class Kind>
std::optional<IdOf<Kind>> IdOf<Kind>::parse(std::string_view text) {
  const auto id = parse_id(Kind::kPrefix, text);
  return id ? std::optional<IdOf>(IdOf{*id}) : std::nullopt;
}

#define CS_ID(Name, prefix)                            \
  struct Name##Kind {                                  \
    static constexpr std::string_view kPrefix{prefix}; \
  };                                                   \
  using Name = IdOf<Name##Kind>

CS_ID(AccountId, "AC");
CS_ID(ServiceId, "VA");
CS_ID(ApiKeyId, "SK");
CS_ID(SubjectId, "YE");
CS_ID(AddressId, "AD");
CS_ID(ContactId, "CT");
CS_ID(FactorId, "YF");
CS_ID(BindingId, "YB");
CS_ID(ChallengeId, "YC");
CS_ID(TransactionId, "TX");
CS_ID(VerificationId, "VE");
CS_ID(MessageId, "VL");  // Twilio's verification attempt: one attempt to deliver one message.
CS_ID(WebhookEndpointId, "WE");
CS_ID(DeliveryId, "WD");
CS_ID(EventId, "EV");
CS_ID(ObjectionId, "OB");
CS_ID(DecisionId, "RD");
CS_ID(BlockId, "RB");

#undef CS_ID

}  // namespace countersign
