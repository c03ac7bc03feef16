#include "store/repository/device_material.h"

#include <algorithm>

#include "store/repository/packed_number.h"
#include "store/repository/packed_text.h"

namespace countersign::store {

namespace {

// device := byte 0x40, point as text, then packed numbers: unanswered, since, denials, and, where it is quiet, until
// when. Times are microseconds since the epoch. Other kinds of devices begin with other bytes.
constexpr std::string_view kDeviceVersion = "\x40";
constexpr std::string_view kDeviceUnreadable = "unreadable material of a device";

std::uint64_t micros_of(WallTime time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(to_micros(time), 0));
}

}  // namespace

std::string encode(const DeviceMaterial& device) {
  std::string out(kDeviceVersion);
  append_packed_text(out, device.point);
  append_packed_number(out, static_cast<std::uint64_t>(device.prompts.unanswered));
  append_packed_number(out, micros_of(device.prompts.since));
  append_packed_number(out, static_cast<std::uint64_t>(device.prompts.denials));
  if (device.prompts.quiet_until) append_packed_number(out, micros_of(*device.prompts.quiet_until));
  return out;
}

std::optional<DeviceMaterial> decode_device_material(std::string_view material) {
  if (!material.starts_with(kDeviceVersion)) return std::nullopt;
  PackedReader reader(material.substr(kDeviceVersion.size()), kDeviceUnreadable);
  DeviceMaterial device;
  device.point = reader.text();
  device.prompts.unanswered = static_cast<std::int64_t>(reader.number());
  device.prompts.since = from_micros(static_cast<std::int64_t>(reader.number()));
  device.prompts.denials = static_cast<std::int64_t>(reader.number());
  if (!reader.at_end()) device.prompts.quiet_until = from_micros(static_cast<std::int64_t>(reader.number()));
  reader.finish();
  return device;
}

}  // namespace countersign::store
