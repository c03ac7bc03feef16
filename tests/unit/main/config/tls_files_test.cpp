// What is wrong with TLS files shows before anything is restarted on them.

#include "main/config/tls_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include "main/commands/cli.h"
#include "support/fake_time.h"
#include "unit/http/test_certificates.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

class TlsFilesTest : public ::testing::Test {
 protected:
  TlsFilesTest() {
    place_.write_secrets();
    http::testing::write_certificate(certificate_, key_, "localhost");
    config_.tls = TlsFiles{certificate_, key_};
  }
  [[nodiscard]] std::string fault() const {
    const auto checked = check_tls_files(config_);
    return checked ? std::string() : checked.error().sentence;
  }

  Workplace place_;
  const std::filesystem::path certificate_ = place_.dir() / "certificate.pem";
  const std::filesystem::path key_ = place_.dir() / "key.pem";
  Config config_;
};

TEST_F(TlsFilesTest, GoodOnesAndNoneAreFine) {
  EXPECT_EQ(fault(), "");
  config_.tls.reset();
  EXPECT_EQ(fault(), "");
}

TEST_F(TlsFilesTest, MissingOnesAreNamed) {
  std::filesystem::remove(key_);
  EXPECT_EQ(fault(), "tls.key is " + key_.string() + ": it cannot be read (No such file or directory).");
  std::filesystem::remove(certificate_);
  EXPECT_EQ(fault(),
            "tls.certificate is " + certificate_.string() + ": it cannot be read (No such file or directory).");
}

TEST_F(TlsFilesTest, AKeyOfAnotherCertificateIsRefused) {
  http::testing::write_certificate(place_.dir() / "other.pem", key_, "localhost");
  const std::string sentence =
      "cannot use key " + key_.string() + ": it does not belong to the certificate " + certificate_.string();
  EXPECT_NE(fault().find(sentence), std::string::npos) << fault();
}

TEST_F(TlsFilesTest, AKeyForRootAloneSaysWhatToDo) {
  ASSERT_EQ(::chmod(place_.dir().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(certificate_.c_str(), 0644), 0);
  // Root reads everything, so somebody else looks; who is not root cannot read a file without any permission.
  ASSERT_EQ(::chmod(key_.c_str(), ::geteuid() == 0 ? 0600 : 0000), 0);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) ::_exit(1);
    const std::string said = fault();
    ::_exit(::write(pipe[1], said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  ::close(pipe[1]);
  std::string said(4096, '\0');
  said.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(pipe[0], said.data(), said.size()))));
  ::close(pipe[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(said.find("tls.key is " + key_.string() + ": this user may not read it. Under systemd"), std::string::npos)
      << said;
  EXPECT_NE(said.find("LoadCredential=tls.key:" + key_.string()), std::string::npos) << said;
}

TEST_F(TlsFilesTest, CheckConfigFindsThem) {
  const auto config = place_.write(
      "countersign.toml", std::string(kGoodConfig) + "[tls]\ncertificate = \"certificate.pem\"\nkey = \"key.pem\"\n");
  testing::SeededRandom random;
  const auto run = [&](std::ostream& err) {
    std::ostringstream out;
    const std::vector<std::string> arguments{"check-config", "--config", config.string()};
    return run_command_line(arguments, {}, {{}, random, out, err});
  };
  std::ostringstream said;
  EXPECT_EQ(run(said), 0) << said.str();
  std::filesystem::remove(certificate_);
  EXPECT_EQ(run(said), 1);
  EXPECT_NE(said.str().find("tls.certificate is"), std::string::npos) << said.str();
}

}  // namespace
}  // namespace countersign::main
