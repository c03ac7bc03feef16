#include "delivery/providers/inbox_outage.h"

#include <algorithm>
#include <array>
#include <utility>

namespace countersign::delivery {

namespace {

constexpr auto kLook = std::chrono::milliseconds(250);
constexpr std::array<std::pair<Outage, std::string_view>, 6> kOutages{{{Outage::kNone, "none"},
                                                                       {Outage::kFails, "fails"},
                                                                       {Outage::kRefuses, "refuses"},
                                                                       {Outage::kHangs, "hangs"},
                                                                       {Outage::kNoSms, "no_sms"},
                                                                       {Outage::kNoWhatsapp, "no_whatsapp"}}};

bool is_of(Outage outage, Channel channel) {
  if (outage == Outage::kNoSms) return channel == Channel::kSms;
  if (outage == Outage::kNoWhatsapp) return channel == Channel::kWhatsapp;
  return outage != Outage::kNone;
}

ProviderError simulated(Outage outage) {
  if (outage == Outage::kRefuses)
    return {Fault::kRejected, PersonNotice::kTryAnotherWay, "simulated_refusal", "simulated in the inbox", {}, false};
  if (outage == Outage::kNoSms || outage == Outage::kNoWhatsapp)
    return {Fault::kUnsupportedAddress,
            PersonNotice::kNumberNotSupported,
            "simulated_no_channel",
            "simulated in the inbox",
            {},
            false};
  const bool hung = outage == Outage::kHangs;
  return {Fault::kUnavailable,
          PersonNotice::kTemporarilyUnavailable,
          hung ? "simulated_timeout" : "simulated_outage",
          "simulated in the inbox",
          {},
          hung,
          true};
}

}  // namespace

std::string_view to_text(Outage outage) {
  return std::ranges::find(kOutages, outage, &std::pair<Outage, std::string_view>::first)->second;
}

std::optional<Outage> parse_outage(std::string_view text) {
  const auto* const found = std::ranges::find(kOutages, text, &std::pair<Outage, std::string_view>::second);
  return found == kOutages.end() ? std::nullopt : std::optional(found->first);
}

InboxOutage::InboxOutage(const Clock& clock)
    : clock_(clock), ticker_(kLook, [this] { answer_until(clock_.monotonic()); }) {
  ticker_.start();
}

InboxOutage::~InboxOutage() { stop(); }

Outage InboxOutage::now() const {
  const std::lock_guard lock(mutex_);
  return outage_;
}

void InboxOutage::set(Outage outage) {
  {
    const std::lock_guard lock(mutex_);
    outage_ = outage;
  }
  if (outage != Outage::kHangs) answer_until(MonotonicTime::max());
}

std::optional<ProviderDone<Accepted>> InboxOutage::strike(Channel channel, ProviderDone<Accepted> done) {
  std::unique_lock lock(mutex_);
  if (!is_of(outage_, channel)) return done;
  if (outage_ == Outage::kHangs && !stopped_) {
    hanging_.push_back({clock_.monotonic() + kAnswerTime, std::move(done)});
    return std::nullopt;
  }
  const Outage outage = outage_;
  lock.unlock();
  done(fail(simulated(outage)));
  return std::nullopt;
}

void InboxOutage::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  ticker_.stop();
  answer_until(MonotonicTime::max());
}

void InboxOutage::answer_until(MonotonicTime now) {
  std::vector<Hanging> due;
  {
    const std::lock_guard lock(mutex_);
    const auto later = std::ranges::partition(hanging_, [&](const Hanging& one) { return one.until > now; });
    std::ranges::move(later, std::back_inserter(due));
    hanging_.erase(later.begin(), later.end());
  }
  for (auto& one : due) one.done(fail(simulated(Outage::kHangs)));
}

}  // namespace countersign::delivery
