#include "main/server/tracing.h"

#include "delivery/traced.h"
#include "main/build_info.h"

namespace countersign::main {

std::unique_ptr<delivery::TraceExporter> make_tracer(const Config& config, const std::string& node, const Clock& clock,
                                                     Random& random) {
  if (config.tracing.endpoint.empty()) return nullptr;
  delivery::TraceExporterOptions options;
  options.endpoint = config.tracing.endpoint;
  options.headers = config.tracing.headers;
  options.sample_ratio = config.tracing.sample_ratio;
  options.resource = {
      {"service.name", "countersign"}, {"service.version", std::string(kBuild.version)}, {"service.instance.id", node}};
  return std::make_unique<delivery::TraceExporter>(std::move(options), clock, random);
}

void trace_providers(BuiltProviders& providers, trace::Recorder& recorder) {
  for (auto* senders : {&providers.by_name.senders, &providers.by_name.notice_senders}) {
    for (auto& [name, sender] : *senders) {
      providers.senders.push_back(std::make_unique<delivery::TracedSender>(*sender, name, recorder));
      sender = providers.senders.back().get();
    }
  }
  for (auto& [name, verifier] : providers.by_name.verifiers) {
    providers.verifiers.push_back(std::make_unique<delivery::TracedVerifier>(*verifier, name, recorder));
    verifier = providers.verifiers.back().get();
  }
}

trace::Span span_of(const http::Request& request, trace::Recorder& recorder) {
  std::optional<trace::SpanContext> parent;
  // Ignored if there are two: they contradict each other.
  if (request.header_count("traceparent") == 1) parent = trace::parse_traceparent(*request.header("traceparent"));
  return {recorder, parent, trace::Kind::kServer};
}

}  // namespace countersign::main
