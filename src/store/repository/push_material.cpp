#include "store/repository/push_material.h"

#include <initializer_list>

#include "base/time.h"
#include "store/repository/packed_text.h"

namespace countersign::store {

namespace {

// material := form, and what belongs to it
//    form     one byte: 20 (hex) an offer, 21 a device. Other kinds of devices have others.
//    of an offer: challenge
//    of a device: public key; 0, or 1 with endpoint, point, auth, VAPID key; unanswered, start and count of the window,
//                 number of denials, and of each: asker, times, last; day of the last use
//
// times := packed numbers: microseconds since the epoch
// others := packed numbers, and texts as in packed_text.h
constexpr std::string_view kPushOfferForm = "\x20";
constexpr std::string_view kPushDeviceForm = "\x21";
constexpr std::string_view kPushUnreadable = "unreadable material of a device";

std::optional<PackedReader> push_reader_of(std::string_view material, std::string_view form) {
  if (!material.starts_with(form)) return std::nullopt;
  return PackedReader(material.substr(form.size()), kPushUnreadable);
}

WallTime push_time(PackedReader& reader) { return from_micros(static_cast<std::int64_t>(reader.number())); }
void append_push_time(std::string& out, WallTime time) {
  append_packed_number(out, static_cast<std::uint64_t>(to_micros(time)));
}

}  // namespace

std::string encode(const PushOffer& offer) {
  std::string out(kPushOfferForm);
  append_packed_text(out, offer.challenge);
  return out;
}

std::string encode(const PushDevice& device) {
  std::string out(kPushDeviceForm);
  append_packed_text(out, device.public_key);
  append_packed_number(out, device.subscription ? 1 : 0);
  if (const auto& to = device.subscription) {
    for (const auto* part : {&to->endpoint, &to->point, &to->auth, &to->vapid_key}) append_packed_text(out, *part);
  }
  append_packed_number(out, static_cast<std::uint64_t>(device.prompts.unanswered));
  append_push_time(out, device.prompts.asked.start);
  append_packed_number(out, static_cast<std::uint64_t>(device.prompts.asked.count));
  append_packed_number(out, device.prompts.denied.size());
  for (const auto& denied : device.prompts.denied) {
    append_packed_text(out, denied.asker);
    append_packed_number(out, static_cast<std::uint64_t>(denied.times));
    append_push_time(out, denied.last);
  }
  append_packed_number(out, device.used_day);
  return out;
}

std::optional<PushOffer> decode_push_offer(std::string_view material) {
  auto reader = push_reader_of(material, kPushOfferForm);
  if (!reader) return std::nullopt;
  PushOffer offer{reader->text()};
  reader->finish();
  return offer;
}

std::optional<PushDevice> decode_push_device(std::string_view material) {
  auto reader = push_reader_of(material, kPushDeviceForm);
  if (!reader) return std::nullopt;
  PushDevice device;
  device.public_key = reader->text();
  if (reader->number() != 0) {
    PushSubscription to;
    for (auto* part : {&to.endpoint, &to.point, &to.auth, &to.vapid_key}) *part = reader->text();
    device.subscription = std::move(to);
  }
  device.prompts.unanswered = static_cast<std::int64_t>(reader->number());
  device.prompts.asked.start = push_time(*reader);
  device.prompts.asked.count = static_cast<std::int64_t>(reader->number());
  for (auto left = reader->number(); left > 0; --left) {
    domain::Denied denied;
    denied.asker = reader->text();
    denied.times = static_cast<std::int64_t>(reader->number());
    denied.last = push_time(*reader);
    device.prompts.denied.push_back(std::move(denied));
  }
  device.used_day = reader->number();
  reader->finish();
  return device;
}

}  // namespace countersign::store
