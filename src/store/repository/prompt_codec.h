#pragma once

#include <string>

#include "domain/push.h"
#include "store/repository/packed_text.h"

namespace countersign::store {

// What a device was asked, within its material: the same for browsers (push_material.h) and phones (device_material.h).

void append_prompts(std::string& out, const domain::PromptHistory& prompts);
[[nodiscard]] domain::PromptHistory read_prompts(PackedReader& reader);
/// As it was written before denials were counted for all askers together; they follow from what each was denied.
[[nodiscard]] domain::PromptHistory read_prompts_without_denials(PackedReader& reader);

}  // namespace countersign::store
