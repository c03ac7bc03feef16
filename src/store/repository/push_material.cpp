#include "store/repository/push_material.h"

#include <initializer_list>

#include "store/repository/packed_text.h"
#include "store/repository/prompt_codec.h"

namespace countersign::store {

namespace {

// material := form, and what belongs to it
//    form     one byte: 20 (hex) an offer, 22 a device, 21 one whose prompts were written as before (prompt_codec.h).
//             Other kinds of devices have others.
//    of an offer: challenge, and the server's key, which programs before did not write
//    of a device: public key; 0, or 1 with endpoint, point, auth, VAPID key; prompts; day of the last use
//
// numbers and texts as in packed_text.h
constexpr std::string_view kPushOfferForm = "\x20";
constexpr std::string_view kPushDeviceForm = "\x22";
constexpr std::string_view kPushDeviceFormBefore = "\x21";
constexpr std::string_view kPushUnreadable = "unreadable material of a device";

std::optional<PackedReader> push_reader_of(std::string_view material, std::string_view form) {
  if (!material.starts_with(form)) return std::nullopt;
  return PackedReader(material.substr(form.size()), kPushUnreadable);
}

}  // namespace

std::string encode(const PushOffer& offer) {
  std::string out(kPushOfferForm);
  append_packed_text(out, offer.challenge);
  append_packed_text(out, offer.server_key);
  return out;
}

std::string encode(const PushDevice& device) {
  std::string out(kPushDeviceForm);
  append_packed_text(out, device.public_key);
  append_packed_number(out, device.subscription ? 1 : 0);
  if (const auto& to = device.subscription) {
    for (const auto* part : {&to->endpoint, &to->point, &to->auth, &to->vapid_key}) append_packed_text(out, *part);
  }
  append_prompts(out, device.prompts);
  append_packed_number(out, device.used_day);
  return out;
}

std::optional<PushOffer> decode_push_offer(std::string_view material) {
  auto reader = push_reader_of(material, kPushOfferForm);
  if (!reader) return std::nullopt;
  PushOffer offer{reader->text(), ""};
  if (!reader->at_end()) offer.server_key = reader->text();
  reader->finish();
  return offer;
}

std::optional<PushDevice> decode_push_device(std::string_view material) {
  const bool before = material.starts_with(kPushDeviceFormBefore);
  auto reader = push_reader_of(material, before ? kPushDeviceFormBefore : kPushDeviceForm);
  if (!reader) return std::nullopt;
  PushDevice device;
  device.public_key = reader->text();
  if (reader->number() != 0) {
    PushSubscription to;
    for (auto* part : {&to.endpoint, &to.point, &to.auth, &to.vapid_key}) *part = reader->text();
    device.subscription = std::move(to);
  }
  device.prompts = before ? read_prompts_without_denials(*reader) : read_prompts(*reader);
  device.used_day = reader->number();
  reader->finish();
  return device;
}

}  // namespace countersign::store
