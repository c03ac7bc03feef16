#include "store/repository/device_material.h"

#include <algorithm>

#include "store/repository/packed_text.h"
#include "store/repository/prompt_codec.h"

namespace countersign::store {

namespace {

// device := byte 0x41, point as text, prompts (prompt_codec.h). Other kinds of devices begin with other bytes.
//
// Before, with byte 0x40: point as text, then packed numbers: unanswered, since when, denials in a row, and, where it
// was silent, until when, in microseconds since the epoch.
constexpr std::string_view kDeviceVersion = "\x41";
constexpr std::string_view kDeviceVersionBefore = "\x40";
constexpr std::string_view kDeviceUnreadable = "unreadable material of a device";

/// Who had asked was not told apart: it holds against those who name no network, and the counts against all.
domain::PromptHistory prompts_before(PackedReader& reader) {
  domain::PromptHistory prompts;
  prompts.unanswered = static_cast<std::int64_t>(reader.number());
  prompts.asked.start = from_micros(static_cast<std::int64_t>(reader.number()));
  prompts.asked.count = prompts.unanswered;
  prompts.denials = static_cast<std::int64_t>(reader.number());
  if (reader.at_end()) return prompts;
  const WallTime until = from_micros(static_cast<std::int64_t>(reader.number()));
  prompts.denied.push_back({std::string(), std::max<std::int64_t>(prompts.denials, 1), until - domain::kSilence});
  return prompts;
}

}  // namespace

std::string encode(const DeviceMaterial& device) {
  std::string out(kDeviceVersion);
  append_packed_text(out, device.point);
  append_prompts(out, device.prompts);
  return out;
}

std::optional<DeviceMaterial> decode_device_material(std::string_view material) {
  const bool before = material.starts_with(kDeviceVersionBefore);
  if (!before && !material.starts_with(kDeviceVersion)) return std::nullopt;
  PackedReader reader(material.substr(kDeviceVersion.size()), kDeviceUnreadable);
  DeviceMaterial device;
  device.point = reader.text();
  device.prompts = before ? prompts_before(reader) : read_prompts(reader);
  reader.finish();
  return device;
}

}  // namespace countersign::store
