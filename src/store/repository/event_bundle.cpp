#include "store/repository/event_bundle.h"

#include "store/repository/packed_number.h"

namespace countersign::store {

namespace {

// bundle  := version event*
// version := one byte, 1
// event   := present created_at type actor request_id data [transaction] [subject] [source]
// present := one byte: 1 has a transaction, 2 has a subject, 4 has a source; added up
// created_at := microseconds since 1970, a number
// type, actor, request_id, data, source := their length in bytes, a number; the bytes
// transaction, subject := 16 bytes
// number  := as in packed_number.h

constexpr char kVersion = 1;
constexpr unsigned kHasTransaction = 1;
constexpr unsigned kHasSubject = 2;
constexpr unsigned kHasSource = 4;
constexpr std::size_t kIdSize = 16;

void append_bytes(std::string& out, std::string_view bytes) {
  append_packed_number(out, bytes.size());
  out += bytes;
}

void append_event(std::string& out, const EventRow& e) {
  out += static_cast<char>((e.transaction ? kHasTransaction : 0) | (e.subject ? kHasSubject : 0) |
                           (e.source_index ? kHasSource : 0));
  append_packed_number(out, static_cast<std::uint64_t>(to_micros(e.created_at)));
  for (const std::string_view text :
       {std::string_view(e.type), std::string_view(e.actor), std::string_view(e.request_id), std::string_view(e.data)})
    append_bytes(out, text);
  if (e.transaction) out += e.transaction->bytes();
  if (e.subject) out += e.subject->bytes();
  if (e.source_index) append_bytes(out, *e.source_index);
}

[[noreturn]] void unreadable_bundle() {
  throw StoreFailure({StoreError::Code::kUnreadable, "unreadable content in event_bundles"});
}

class BundleReader {
 public:
  explicit BundleReader(std::string_view content) : left_(content) {}

  [[nodiscard]] bool at_end() const { return left_.empty(); }

  std::string_view take(std::uint64_t size) {
    if (size > left_.size()) unreadable_bundle();
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  unsigned byte() { return static_cast<unsigned char>(take(1).front()); }
  std::uint64_t number() {
    const auto number = take_packed_number(left_);
    if (!number) unreadable_bundle();
    return *number;
  }
  std::string bytes() { return std::string(take(number())); }
  template <class AnyId>
  AnyId id() {
    return *AnyId::from_bytes(take(kIdSize));
  }

 private:
  std::string_view left_;
};

EventRow read_event(BundleReader& reader) {
  EventRow e;
  const unsigned present = reader.byte();
  if (present > (kHasTransaction | kHasSubject | kHasSource)) unreadable_bundle();
  e.created_at = from_micros(static_cast<std::int64_t>(reader.number()));
  e.type = reader.bytes();
  e.actor = reader.bytes();
  e.request_id = reader.bytes();
  e.data = reader.bytes();
  if ((present & kHasTransaction) != 0) e.transaction = reader.id<TransactionId>();
  if ((present & kHasSubject) != 0) e.subject = reader.id<SubjectId>();
  if ((present & kHasSource) != 0) e.source_index = reader.bytes();
  return e;
}

}  // namespace

std::string encode_event_bundle(std::span<const EventRow> events) {
  std::string content(1, kVersion);
  for (const auto& event : events) append_event(content, event);
  return content;
}

std::vector<EventRow> decode_event_bundle(const AccountId& account, const EventId& first, std::string_view content) {
  BundleReader reader(content);
  if (reader.take(1).front() != kVersion) unreadable_bundle();
  std::vector<EventRow> events;
  EventId id = first;
  while (!reader.at_end()) {
    EventRow& event = events.emplace_back(read_event(reader));
    event.account = account;
    event.id = id;
    id = id_after(id);
  }
  return events;
}

}  // namespace countersign::store
