#include "usecase/outbox/mail_report.h"

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/secret.h"
#include "delivery/mail/smtp_answer.h"
#include "usecase/outbox/work_messages.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMacBytes = 10;
constexpr std::size_t kTagCharacters = 42;

std::string mac_of(const store::Vault& vault, const AccountId& account, std::string_view message) {
  return vault.digester().blind_index("return path", std::string(account.bytes()).append(message)).substr(0, kMacBytes);
}

}  // namespace

std::string return_tag(const store::Vault& vault, const AccountId& account, const MessageId& message) {
  return lower_case(to_base32(std::string(message.bytes()).append(mac_of(vault, account, message.bytes()))));
}

std::optional<MailReport> read_mail_report(const Context& context, std::string_view report) {
  for (const auto& word : delivery::base32_words(report, kTagCharacters)) {
    const auto bytes = from_base32(word);
    if (!bytes || bytes->size() != kIdBytes + kMacBytes) continue;
    const std::string_view id = std::string_view(*bytes).substr(0, kIdBytes);
    const auto message = MessageId::from_bytes(id);
    for (const auto& [account, settings] : context.settings.accounts) {
      if (message && equal_constant_time(mac_of(context.vault, account, id), std::string_view(*bytes).substr(kIdBytes)))
        return MailReport{account, *message, delivery::read_mail_status(report)};
    }
  }
  return std::nullopt;
}

void take_mail_report(store::Tx& tx, const Context& context, const MailReport& report, Moment& moment) {
  if (!report.status) return;
  MessageReport said{report.account, report.message, report.message.text(), {contact::DeliveryStage::kDelivered}};
  if (report.status->failed) {
    // A report has no digits of its own; those of a final refusal.
    const auto error = delivery::provider_error_of(delivery::SmtpAnswer{550, report.status->enhanced});
    said.said = {contact::DeliveryStage::kFailed, delivery::reason_of(error.fault)};
    said.provider_code = error.provider_code;
  }
  report_delivery(tx, context, said, moment);
}

}  // namespace countersign::usecase
