#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "base/ascii.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/recovery_code.h"
#include "store/sqlite/sqlite_store.h"
#include "support/fixture.h"
#include "support/vectors.h"
#include "usecase/api_keys.h"
#include "usecase/development/inbox.h"
#include "usecase/idempotency.h"
#include "usecase/subject/recovery.h"

// Nothing readable at rest: whoever gets the database file, its log or a backup learns no secret and no personal data.
namespace countersign::testing {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "countersign-at-rest-XXXXXX").string();
    CS_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~ScratchFolder() { fs::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// A text that must not be found, with its name for the failure.
struct Needle {
  std::string name;
  std::string text;
};

std::string utf16(std::string_view text, bool big_endian) {
  std::string out;
  for (const char c : text) {
    if (big_endian) out += '\0';
    out += c;
    if (!big_endian) out += '\0';
  }
  return out;
}

/// What Base64 makes of `text` where it begins at `offset` within three bytes, without the characters that depend on
/// what stands around it.
std::string inner_base64(std::string_view text, std::size_t offset) {
  std::string encoded = to_base64(std::string(offset, 'x') + std::string(text));
  while (encoded.ends_with('=')) encoded.pop_back();
  const std::size_t skip = offset == 0 ? 0 : offset + 1;
  const std::size_t bits = (offset + text.size()) * 8;
  return encoded.substr(skip, bits / 6 - skip);
}

/// The ways in which somebody could have written it down.
std::vector<std::string> forms_of(std::string_view text) {
  std::vector<std::string> forms{std::string(text), to_hex(text), utf16(text, false), utf16(text, true)};
  forms.push_back(upper_case(to_hex(text)));
  for (std::size_t offset = 0; offset < 3; ++offset) {
    std::string standard = inner_base64(text, offset);
    if (standard.size() < 7) continue;  // Too short to mean anything.
    std::string url = standard;
    for (char& c : url) c = c == '+' ? '-' : c == '/' ? '_' : c;
    forms.push_back(standard);
    forms.push_back(url);
  }
  forms.push_back(crypto::sha256(text));  // A bare hash of a code or a number is searched in a moment.
  return forms;
}

void expect_unreadable(const fs::path& file, const std::vector<Needle>& needles) {
  ASSERT_TRUE(fs::exists(file)) << file;
  const std::string bytes = read_file(file);
  for (const auto& needle : needles) {
    ASSERT_GE(needle.text.size(), 6U) << needle.name;
    for (const auto& form : forms_of(needle.text)) {
      EXPECT_EQ(bytes.find(form), std::string::npos) << needle.name << " stands in " << file;
    }
  }
}

/// All flows over one database in a file, with every secret that goes through them remembered.
class Story {
 public:
  explicit Story(const fs::path& file) : fixture_(open(file)) {}

  void tell();
  Fixture& fixture() { return fixture_; }
  [[nodiscard]] const std::vector<Needle>& needles() const { return needles_; }

 private:
  static std::unique_ptr<store::Store> open(const fs::path& file) {
    store::SqliteOptions options;
    options.file = file;
    options.checkpoint_pages = 1'000'000;  // All of it stays in the log until the end.
    options.idle_checkpoint_after = hours(1);
    auto store = store::open_sqlite(options);
    CS_CHECK(store.has_value());
    return *std::move(store);
  }

  void remember(std::string name, std::string text) { needles_.push_back({std::move(name), std::move(text)}); }
  void configure();
  void hold();
  void send(Channel channel);
  void enrol();
  void released();
  void ended_otherwise();
  void left_open();
  void beside();

  Fixture fixture_;
  std::vector<Needle> needles_;
};

void Story::configure() {
  auto& request = fixture_.request();
  request.identity = "organizer-identity-42";
  request.contacts = {{Channel::kSms, std::string(kPhone)},
                      {Channel::kEmail, std::string(kEmail)},
                      {Channel::kWhatsapp, "+5521998765432"}};
  request.display = {"Nova conta de repasse",
                     domain::Amount{"12480.77", "BRL"},
                     "Casa do Samba Ltda",
                     {{"Conta bancaria", "Itau final 3661"}},
                     "Curta 8823-7"};
  request.payload = R"({"account":"payload-02366-1"})";
  request.metadata = R"({"order":"metadata-77-b"})";
  request.return_url = "https://app.example.org/orders/return-8823";
  fixture_.caller().end_user = IpAddress::parse("2001:db8:7777:6666:5555:4444:3333:2222");
  remember("identity", request.identity);
  remember("phone", std::string(kPhone));
  remember("phone without its plus", std::string(kPhone.substr(1)));
  remember("whatsapp number", "5521998765432");
  remember("e-mail", std::string(kEmail));
  remember("local part", "ana.lima");
  remember("title", request.display.title);
  remember("amount", "12480.77");
  remember("formatted amount", "12,480.77");
  remember("payee", request.display.payee);
  remember("line label", "Conta bancaria");
  remember("line value", "Itau final 3661");
  remember("short line", request.display.short_line);
  remember("payload", "payload-02366-1");
  remember("metadata", "metadata-77-b");
  remember("return URL", "return-8823");
  remember("return URL's host", "app.example.org");
  remember("network address", std::string(fixture_.caller().end_user->bytes()));
  remember("household's network", std::string(fixture_.caller().end_user->limit_key()));
  remember("network address as text", fixture_.caller().end_user->to_text());
}

/// With an Idempotency-Key, as over HTTP: the answer that is kept holds the link.
void Story::hold() {
  const auto answer = fixture_.in([&](store::Tx& tx, Moment& moment) {
    const usecase::IdempotencyKey key{"idempotency-key-" + std::to_string(needles_.size()), "hold", "body-of-request"};
    return usecase::idempotent(
        {tx, fixture_.context(), fixture_.caller(), moment}, key, [&]() -> Answer<usecase::Recorded> {
          const auto held = usecase::hold({tx, fixture_.context(), fixture_.caller(), moment}, fixture_.request());
          if (!held) return fail(held.error());
          return usecase::Recorded{201, held->id.text() + ' ' + held->verify_url};
        });
  });
  ASSERT_EQ(why(answer), kYes);
  const std::string& url = answer->body;
  remember("verify_url's token", url.substr(url.rfind('.') + 1));
  fixture_.use(*TransactionId::parse(url.substr(0, url.find(' '))));
}

void Story::send(Channel channel) {
  ASSERT_EQ(why(fixture_.start(channel)), kYes);
  remember("code", fixture_.code());
}

void Story::enrol() {
  const auto named = fixture_.in([&](store::Tx& tx, Moment& moment) {
    const usecase::EnrolRequest request{"organizer-identity-42", "Telefone da Ana 5512", "", {}};
    return usecase::enrol_totp({tx, fixture_.context(), fixture_.caller(), moment}, request);
  });
  ASSERT_EQ(why(named), kYes);
  remember("factor's name", "Telefone da Ana 5512");
  const auto enrolment = fixture_.enrol("organizer-identity-42");
  ASSERT_EQ(why(enrolment), kYes);
  remember("TOTP seed, as typed", enrolment->secret_base32.expose());
  remember("TOTP seed", *from_base32(enrolment->secret_base32.expose()));
  ASSERT_EQ(why(fixture_.confirm("organizer-identity-42")), kYes);
  fixture_.wait(seconds(60));
  // A set of recovery codes that is kept, and one that is still shown.
  for (const bool kept : {true, false}) {
    const auto made = fixture_.in([&](store::Tx& tx, Moment& moment) {
      const usecase::Work work{tx, fixture_.context(), fixture_.caller(), moment};
      auto codes = usecase::make_recovery_codes(work, {"organizer-identity-42", "", {}});
      if (codes && kept) {
        EXPECT_TRUE(usecase::confirm_factor(work, "organizer-identity-42", codes->id, std::nullopt));
      }
      return codes;
    });
    ASSERT_EQ(why(made), kYes);
    for (const auto& code : made->codes) {
      remember("recovery code, as shown", code.expose());
      remember("recovery code", crypto::typed_recovery_code(code.expose())->expose());
    }
  }
}

void Story::released() {
  fixture_.request().policy = "strict";
  hold();
  send(Channel::kSms);
  static_cast<void>(fixture_.check(fixture_.wrong_code()));
  fixture_.wait(seconds(30));
  send(Channel::kSms);
  ASSERT_EQ(why(fixture_.check(fixture_.code())), kYes);
  remember("TOTP code", fixture_.totp_code());
  ASSERT_EQ(why(fixture_.check_totp(fixture_.totp_code())), kYes);
  const auto claimed = fixture_.claim("claimer-worker-1");
  ASSERT_EQ(why(claimed), kYes);
  remember("fencing token", claimed->fencing_token);
  remember("claimer", "claimer-worker-1");
  ASSERT_EQ(why(fixture_.ack(claimed->fencing_token)), kYes);
}

void Story::ended_otherwise() {
  fixture_.request().policy = "any";
  fixture_.wait(minutes(10));
  hold();
  send(Channel::kEmail);
  ASSERT_EQ(why(fixture_.cancel()), kYes);
  hold();
  send(Channel::kWhatsapp);
  fixture_.finish(fixture_.sent().back(), fail(unavailable()));
  ASSERT_EQ(why(fixture_.deny()), kYes);
  hold();
  fixture_.wait(hours(1));
  ASSERT_EQ(fixture_.expire(), 1);
}

/// What is not over has the most to hide: it is all still there.
void Story::left_open() {
  hold();
  send(Channel::kSms);
  send(Channel::kEmail);
  fixture_.request().service = "upstream";
  hold();
  ASSERT_EQ(why(fixture_.start()), kYes);
  fixture_.request().service = "";
  hold();
  send(Channel::kWhatsapp);
  ASSERT_EQ(why(fixture_.check(fixture_.code())), kYes);
  ASSERT_EQ(fixture_.status(), domain::TransactionStatus::kVerified);
}

void Story::beside() {
  const auto endpoint = fixture_.add_endpoint("https://shop.example.com/hooks/url-key-99");
  ASSERT_EQ(why(endpoint), kYes);
  remember("webhook URL", "shop.example.com");
  remember("webhook URL's path", "url-key-99");
  const std::string secret = endpoint->secret.expose();
  remember("webhook secret, as shown", secret.substr(secret.find('_') + 1));
  remember("webhook secret", *from_base64(secret.substr(secret.find('_') + 1)));

  fixture_.in([&](store::Tx& tx, Moment& moment) {
    const auto key =
        usecase::issue_key(fixture_.context().vault.digester(), fixture_.account(), "app", std::nullopt, moment);
    store::insert_api_key(tx, key.row);
    const std::string& text = key.text.expose();
    remember("API key's secret", text.substr(text.find('.') + 1));
    delivery::OutgoingMessage message;
    message.channel = Channel::kSms;
    message.to = "+5511933334444";
    message.body = "inbox body 4455";
    message.code = SecretString("887766");
    usecase::put_into_inbox(tx, fixture_.context(), message, moment);
    const auto answer = usecase::idempotent({tx, fixture_.context(), fixture_.caller(), moment},
                                            usecase::IdempotencyKey{"client-key-1234", "enrol", "request-body-5678"},
                                            [] { return Answer<usecase::Recorded>({201, "answer-body-4321"}); });
    EXPECT_EQ(why(answer), kYes);
    return Done{};
  });
  remember("inbox address", "5511933334444");
  remember("inbox body", "inbox body 4455");
  remember("inbox code", "887766");
  remember("idempotency key", "client-key-1234");
  remember("body of an idempotent request", "request-body-5678");
  remember("idempotent answer", "answer-body-4321");
}

void Story::tell() {
  configure();
  beside();
  enrol();
  released();
  ended_otherwise();
  left_open();
}

TEST(AtRest, NothingCanBeReadInTheDatabaseItsLogOrABackup) {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "countersign.db";
  const fs::path log = folder.path() / "countersign.db-wal";
  const fs::path backup = folder.path() / "backup.db";
  {
    Story story(file);
    story.tell();
    ASSERT_FALSE(::testing::Test::HasFatalFailure());
    ASSERT_GT(story.needles().size(), 35U);
    // What is not secret is found, so the search looks in the right place.
    EXPECT_NE(read_file(log).find("payout_account.change"), std::string::npos);
    expect_unreadable(file, story.needles());
    expect_unreadable(log, story.needles());
    const auto copied = store::backup_sqlite(file, backup);
    ASSERT_TRUE(copied) << copied.error().detail;
    EXPECT_NE(read_file(backup).find("payout_account.change"), std::string::npos);
    expect_unreadable(backup, story.needles());
    story.fixture().store().stop();
    expect_unreadable(file, story.needles());
    if (fs::exists(log)) expect_unreadable(log, story.needles());
  }
}

TEST(AtRest, TheSearchFindsEachForm) {
  const std::string secret = "casa do samba 3661";
  for (const auto& form : {secret, to_base64("ab" + secret + "c"), to_base64("a" + secret), to_base64url(secret),
                           to_hex(secret), utf16(secret, true), utf16(secret, false), crypto::sha256(secret)}) {
    bool found = false;
    for (const auto& candidate : forms_of(secret)) found = found || form.find(candidate) != std::string::npos;
    EXPECT_TRUE(found) << form;
  }
}

}  // namespace
}  // namespace countersign::testing
