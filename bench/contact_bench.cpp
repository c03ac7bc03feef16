#include <benchmark/benchmark.h>

#include "contact/message_text.h"
#include "contact/phone_number.h"
#include "html/qr_svg.h"

namespace {

using countersign::contact::PhoneNumber;
using countersign::html::qr_svg;

void parse_e164(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(PhoneNumber::parse("+5511987654321"));
}
BENCHMARK(parse_e164);

void parse_national(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(PhoneNumber::parse("(11) 98765-4321", "BR"));
}
BENCHMARK(parse_national);

// The longest prefix pattern: every area code, then 15.
void parse_argentinian_national(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(PhoneNumber::parse("011 15-2345-6789", "AR"));
}
BENCHMARK(parse_argentinian_national);

void parse_refused(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(PhoneNumber::parse("(11) 8765-4321", "BR"));
}
BENCHMARK(parse_refused);

void message_to_gsm7(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        countersign::contact::to_gsm7("Confirma\u00E7\u00E3o: R$\u00A012.480,00 para S\u00E3o Jo\u00E3o"));
  }
}
BENCHMARK(message_to_gsm7);

// 145 characters, version 8.
void otpauth_qr(benchmark::State& state) {
  const std::string uri =
      "otpauth://totp/Banco%20Feij%C3%A3o:jo%C3%A3o@exemplo.com.br?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer="
      "Banco%20Feij%C3%A3o&algorithm=SHA1&digits=6&period=30";
  for (auto _ : state) benchmark::DoNotOptimize(qr_svg(uri.substr(0, 145), "QR"));
}
BENCHMARK(otpauth_qr);

}  // namespace

BENCHMARK_MAIN();
