#include "store/repository/prompt_codec.h"

#include <algorithm>

#include "base/time.h"

namespace countersign::store {

namespace {

// prompts := unanswered, denials, start and count of the window, number of askers, and of each: asker, times, last.
// Times are microseconds since the epoch; numbers and texts as in packed_text.h.

void append_count(std::string& out, std::int64_t count) {
  append_packed_number(out, static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)));
}
void append_time_of_prompt(std::string& out, WallTime time) { append_count(out, to_micros(time)); }

std::int64_t read_count(PackedReader& reader) { return static_cast<std::int64_t>(reader.number()); }
WallTime read_time_of_prompt(PackedReader& reader) { return from_micros(read_count(reader)); }

/// Whatever stands before the window was read.
void read_askers(PackedReader& reader, domain::PromptHistory& prompts) {
  prompts.asked.start = read_time_of_prompt(reader);
  prompts.asked.count = read_count(reader);
  for (auto left = reader.number(); left > 0; --left) {
    domain::Denied denied;
    denied.asker = reader.text();
    denied.times = read_count(reader);
    denied.last = read_time_of_prompt(reader);
    prompts.denied.push_back(std::move(denied));
  }
}

}  // namespace

void append_prompts(std::string& out, const domain::PromptHistory& prompts) {
  append_count(out, prompts.unanswered);
  append_count(out, prompts.denials);
  append_time_of_prompt(out, prompts.asked.start);
  append_count(out, prompts.asked.count);
  append_packed_number(out, prompts.denied.size());
  for (const auto& denied : prompts.denied) {
    append_packed_text(out, denied.asker);
    append_count(out, denied.times);
    append_time_of_prompt(out, denied.last);
  }
}

domain::PromptHistory read_prompts(PackedReader& reader) {
  domain::PromptHistory prompts;
  prompts.unanswered = read_count(reader);
  prompts.denials = read_count(reader);
  read_askers(reader, prompts);
  return prompts;
}

domain::PromptHistory read_prompts_without_denials(PackedReader& reader) {
  domain::PromptHistory prompts;
  prompts.unanswered = read_count(reader);
  read_askers(reader, prompts);
  for (const auto& denied : prompts.denied) prompts.denials += denied.times;
  return prompts;
}

}  // namespace countersign::store
