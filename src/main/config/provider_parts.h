#pragma once

#include <chrono>
#include <string_view>

#include "main/config/reader.h"

namespace countersign::main {

// What the readers of providers have in common, in providers.cpp, and those that have a file of their own.

/// Fails where `key` is missing.
void require(Section& section, std::string_view key, std::string_view advice);
void read_timeout(Section& section, std::chrono::milliseconds& out);
[[nodiscard]] TwilioCredentials read_twilio(Section& section);

[[nodiscard]] HttpHookConfig read_http_hook(Section& section, Mode mode, std::string_view what);

/// The table `whatsapp_content` of Twilio Messaging.
void read_whatsapp_content(Section& section, std::map<std::string, std::string, std::less<>>& out);
[[nodiscard]] TwilioVoiceConfig read_twilio_voice(Section& section);
[[nodiscard]] WhatsappCloudConfig read_whatsapp_cloud(Section& section);

}  // namespace countersign::main
