#include <gmock/gmock.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "unit/http/server_fixture.h"
#include "unit/http/test_certificates.h"

namespace countersign::http::testing {
namespace {

using ::testing::HasSubstr;

struct ClientOptions {
  int max_version = TLS1_3_VERSION;
  std::string alpn{};  ///< In wire form
};

/// OpenSSL's blocking client on a RawClient's socket.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, const ClientOptions& options = {})
      : raw_(port), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_max_proto_version(context_.get(), options.max_version);
    ssl_.reset(SSL_new(context_.get()));
    if (!options.alpn.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(options.alpn.data()),
                          static_cast<unsigned>(options.alpn.size()));
    }
    SSL_set_fd(ssl_.get(), raw_.descriptor());
    connected_ = SSL_connect(ssl_.get()) == 1;
  }

  [[nodiscard]] bool connected() const { return connected_; }

  std::string certificate_name() {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    std::array<char, 64> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(), name.size());
    return name.data();
  }

  std::string protocol() {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }

  void send(std::string_view bytes) { SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); }

  std::string ask(std::string_view request, std::size_t at_least = 1) {
    send(request);
    std::string answer;
    std::array<char, 16384> buffer{};
    while (answer.find("\r\n\r\n") == std::string::npos || answer.size() < at_least) {
      const int got = SSL_read(ssl_.get(), buffer.data(), buffer.size());
      if (got <= 0) return answer;
      answer.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return answer;
  }

  /// The server has said goodbye in TLS, not just dropped the connection.
  bool ends_properly() {
    char byte = 0;
    const int got = SSL_read(ssl_.get(), &byte, 1);
    return got == 0 && SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN;
  }

 private:
  RawClient raw_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
};

class TlsServerTest : public ServerTest {
 protected:
  TlsServerTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("countersign-tls-" + std::to_string(::getpid()) + "-" +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
    options_.listeners = {{.tls = true}, {.tls = false}};
    options_.tls = {.certificate = folder_ / "cert.pem", .key = folder_ / "key.pem"};
    write_new_certificate("first");
  }
  ~TlsServerTest() override { std::filesystem::remove_all(folder_); }

  void write_new_certificate(const std::string& name) {
    write_certificate(options_.tls.certificate, options_.tls.key, name);
  }

  std::filesystem::path folder_;
};

TEST_F(TlsServerTest, SpeaksTls12And13AndNothingOlder) {
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient c(server_->port(), {.max_version = version});
    ASSERT_TRUE(c.connected());
    EXPECT_THAT(c.ask(kGetEcho), HasSubstr("200 OK"));
    EXPECT_THAT(c.ask(kGetEcho), HasSubstr("200 OK")) << "kept alive";
  }
  EXPECT_FALSE(TlsClient(server_->port(), {.max_version = TLS1_1_VERSION}).connected());
}

TEST_F(TlsServerTest, TellsTheHandler) {
  start();
  TlsClient c(server_->port());
  c.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto asked = later_.take();
  EXPECT_TRUE(asked.request.tls);
  asked.reply.send({.body = "secret"});
  EXPECT_THAT(c.ask(""), HasSubstr("secret"));
}

TEST_F(TlsServerTest, NegotiatesItsProtocolAlone) {
  start();
  TlsClient both(server_->port(), {.alpn = std::string("\x02h2\x08http/1.1")});
  EXPECT_EQ(both.protocol(), "http/1.1");
  EXPECT_FALSE(TlsClient(server_->port(), {.alpn = std::string("\x02h2")}).connected());
}

TEST_F(TlsServerTest, CarriesLargeBodiesBothWays) {
  start();
  TlsClient c(server_->port());
  const std::string body(200'000, 'x');
  const auto echoed = c.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + body, 200'000);
  EXPECT_THAT(echoed, HasSubstr(body));
  EXPECT_GE(c.ask("GET /large HTTP/1.1\r\nHost: a\r\n\r\n", kLargeBytes).size(), kLargeBytes);
}

TEST_F(TlsServerTest, SaysGoodbye) {
  start();
  TlsClient c(server_->port());
  EXPECT_THAT(c.ask("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), HasSubstr("200 OK"));
  EXPECT_TRUE(c.ends_properly());
}

TEST_F(TlsServerTest, SaysGoodbyeToTheIdle) {
  stand_still();
  start();
  TlsClient c(server_->port());
  c.ask(kGetEcho);
  let_pass(kFar, 1);
  EXPECT_TRUE(c.ends_properly());
}

TEST_F(TlsServerTest, RefusesPlainHttpOnTheTlsPort) {
  start();
  auto c = client(0);
  c.send(kGetEcho);
  const auto answer = c.read_to_end();
  EXPECT_EQ(answer.find("HTTP"), std::string::npos);
  EXPECT_EQ(client(1).ask(kGetEcho).status, 200);
}

TEST_F(TlsServerTest, CutsOffAHandshakeThatDoesNotEnd) {
  stand_still();
  start();
  auto c = client(0);
  c.send("\x16\x03\x01");
  let_pass(kFar, 1);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(TlsServerTest, TakesNewCertificatesForNewConnections) {
  Server& server = start();
  TlsClient old(server.port());
  EXPECT_EQ(old.certificate_name(), "first");
  write_new_certificate("second");
  ASSERT_TRUE(server.reload_tls());
  EXPECT_EQ(TlsClient(server.port()).certificate_name(), "second");
  EXPECT_THAT(old.ask(kGetEcho), HasSubstr("200 OK")) << "goes on with the old one";
}

TEST_F(TlsServerTest, NoticesChangedFiles) {
  start();
  write_new_certificate("second");
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (TlsClient(server_->port()).certificate_name() != "second" && std::chrono::steady_clock::now() < end) {
  }
  EXPECT_EQ(TlsClient(server_->port()).certificate_name(), "second");
}

TEST_F(TlsServerTest, KeepsTheOldWhereTheNewDoNotFit) {
  Server& server = start();
  write_certificate(folder_ / "cert.pem", folder_ / "other-key.pem", "second");
  const auto reloaded = server.reload_tls();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error(), HasSubstr("key.pem"));
  EXPECT_EQ(TlsClient(server.port()).certificate_name(), "first");
}

// OpenSSL asks for the passphrase on the terminal, in the thread that serves.
TEST_F(TlsServerTest, AnEncryptedKeyAsksNobodyAndTheOldOneGoesOn) {
  Server& server = start();
  write_encrypted_key(folder_ / "key.pem");
  const std::string problem = problems_.take();  // Noticed by itself.
  EXPECT_THAT(problem, HasSubstr("key.pem: it is encrypted"));
  EXPECT_EQ(problem.find('\n'), std::string::npos);
  EXPECT_FALSE(server.reload_tls());
  TlsClient c(server.port());
  EXPECT_EQ(c.certificate_name(), "first");
  EXPECT_THAT(c.ask(kGetEcho), HasSubstr("200 OK"));
}

TEST_F(TlsServerTest, DoesNotStartWithAnEncryptedKey) {
  write_encrypted_key(folder_ / "key.pem");
  Server server(options_, Router(), {}, system_clock(), system_random());
  const auto started = server.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error(), HasSubstr("key.pem: it is encrypted; give one without a passphrase"));
}

TEST_F(TlsServerTest, DoesNotWaitForAPipe) {
  Server& server = start();
  std::filesystem::remove(folder_ / "key.pem");
  ASSERT_EQ(::mkfifo((folder_ / "key.pem").c_str(), 0600), 0);
  const auto reloaded = server.reload_tls();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error(), HasSubstr("key.pem: it is no regular file"));
  EXPECT_EQ(TlsClient(server.port()).certificate_name(), "first");
}

TEST_F(TlsServerTest, DoesNotStartWithoutCertificate) {
  std::ofstream(folder_ / "cert.pem") << "nonsense";
  EXPECT_THROW(start(), std::runtime_error);
}

}  // namespace
}  // namespace countersign::http::testing
