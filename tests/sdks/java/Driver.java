// The SDK for Java, driven line by line; tests/sdks/driver.mjs says how. Arguments: URL, user, password.
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.twilio.base.Reader;
import com.twilio.exception.ApiException;
import com.twilio.http.NetworkHttpClient;
import com.twilio.http.Request;
import com.twilio.http.Response;
import com.twilio.http.TwilioRestClient;
import com.twilio.rest.verify.v2.Service;
import com.twilio.rest.verify.v2.Template;
import com.twilio.rest.verify.v2.VerificationAttempt;
import com.twilio.rest.verify.v2.service.AccessToken;
import com.twilio.rest.verify.v2.service.Entity;
import com.twilio.rest.verify.v2.service.MessagingConfiguration;
import com.twilio.rest.verify.v2.service.RateLimit;
import com.twilio.rest.verify.v2.service.Verification;
import com.twilio.rest.verify.v2.service.VerificationCheck;
import com.twilio.rest.verify.v2.service.Webhook;
import com.twilio.rest.verify.v2.service.entity.Challenge;
import com.twilio.rest.verify.v2.service.entity.Factor;
import com.twilio.rest.verify.v2.service.entity.NewFactor;
import com.twilio.rest.verify.v2.service.entity.challenge.Notification;
import com.twilio.rest.verify.v2.service.ratelimit.Bucket;
import com.twilio.security.RequestValidator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;

public class Driver {
  // What docs/migrating-from-twilio.md shows, and the same that does not sleep where a rate limit of the application's own
  // says how long, which is as Twilio does it.
  static class Here extends NetworkHttpClient {
    private final String base;

    Here(String base) {
      this.base = base;
    }

    Here(String base, HttpClientBuilder builder) {
      super(builder);
      this.base = base;
    }

    static Here of(JsonNode said, String base) {
      return said.has("rate_limits") ? new Here(base, HttpClientBuilder.create().disableAutomaticRetries()) : new Here(base);
    }

    @Override
    public Response makeRequest(Request r) {
      Request here = new Request(r.getMethod(), r.getUrl().replace("https://verify.twilio.com", base));
      r.getQueryParams().forEach((name, values) -> values.forEach(value -> here.addQueryParam(name, value)));
      r.getPostParams().forEach((name, values) -> values.forEach(value -> here.addPostParam(name, value)));
      r.getHeaderParams().forEach((name, values) -> values.forEach(value -> here.addHeaderParam(name, value)));
      here.setContentType(r.getContentType());
      here.setBody(r.getBody());
      here.setAuth(r.getUsername(), r.getPassword());
      return super.makeRequest(here);
    }
  }

  static class SecondsSerializer extends JsonSerializer<ZonedDateTime> {
    @Override
    public void serialize(ZonedDateTime moment, JsonGenerator json, SerializerProvider all) throws IOException {
      json.writeNumber(moment.toEpochSecond());
    }
  }

  // What the SDK made of an answer: the fields of its resources, by the names of the description.
  static final ObjectMapper MAPPER = new ObjectMapper()
      .registerModule(new SimpleModule().addSerializer(ZonedDateTime.class, new SecondsSerializer()))
      .setAnnotationIntrospector(AnnotationIntrospector.nopInstance()) // Its own would write dates as texts again.
      .setVisibility(PropertyAccessor.ALL, Visibility.NONE)
      .setVisibility(PropertyAccessor.FIELD, Visibility.ANY)
      .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
      .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING);

  interface Call {
    Object apply(TwilioRestClient client, JsonNode said) throws Exception;
  }

  static final Map<String, Call> CALLS = new HashMap<>();

  static String text(JsonNode said, String name) {
    return said.path(name).asText();
  }

  static String service(JsonNode said) {
    return text(said, "service");
  }

  static String identity(JsonNode said) {
    return text(said, "identity");
  }

  // What a call names first; the rest is optional, and set by `with`.
  static final Set<String> NAMED = Set.of("call", "user", "password", "service", "sid", "identity", "factor", "challenge", "limit");

  // Sets what is said by the setter of that name: setCodeLength for code_length.
  static <T> T with(T builder, JsonNode said, String... named) throws Exception {
    for (Iterator<String> names = said.fieldNames(); names.hasNext();) {
      String name = names.next();
      if (NAMED.contains(name) || List.of(named).contains(name)) continue;
      boolean done = false;
      for (Method method : builder.getClass().getMethods()) {
        if (!method.getName().equalsIgnoreCase("set" + name.replace("_", "")) || method.getParameterCount() != 1) continue;
        Class<?> type = method.getParameterTypes()[0];
        Object value = type.isEnum() ? type.getMethod("forValue", String.class).invoke(null, said.get(name).asText())
            : new ObjectMapper().treeToValue(said.get(name), type);
        method.invoke(builder, value);
        done = true;
        break;
      }
      if (!done) throw new IllegalArgumentException("no setter for " + name);
    }
    return builder;
  }

  static <T extends com.twilio.base.Resource> Object all(Reader<T> reader, TwilioRestClient client) {
    List<T> found = new java.util.ArrayList<>();
    reader.read(client).forEach(found::add);
    return found;
  }

  static void services() {
    CALLS.put("services.create", (c, a) -> with(Service.creator(text(a, "friendly_name")), a, "friendly_name").create(c));
    CALLS.put("services.fetch", (c, a) -> Service.fetcher(service(a)).fetch(c));
    CALLS.put("services.update", (c, a) -> with(Service.updater(service(a)), a).update(c));
    CALLS.put("services.delete", (c, a) -> Service.deleter(service(a)).delete(c));
    CALLS.put("services.list", (c, a) -> all(with(Service.reader(), a), c));
    CALLS.put("templates.list", (c, a) -> all(with(Template.reader(), a), c));
    CALLS.put("rate_limits.create", (c, a) -> with(RateLimit.creator(service(a), text(a, "unique_name")), a, "unique_name").create(c));
    CALLS.put("rate_limits.list", (c, a) -> all(RateLimit.reader(service(a)), c));
    CALLS.put("rate_limits.delete", (c, a) -> RateLimit.deleter(service(a), text(a, "limit")).delete(c));
    CALLS.put("buckets.create", (c, a) -> Bucket.creator(service(a), text(a, "limit"), a.get("max").asInt(), a.get("interval").asInt()).create(c));
    CALLS.put("messaging.create", (c, a) -> MessagingConfiguration.creator(service(a), text(a, "country"), text(a, "messaging_service_sid")).create(c));
    CALLS.put("messaging.fetch", (c, a) -> MessagingConfiguration.fetcher(service(a), text(a, "country")).fetch(c));
    CALLS.put("messaging.delete", (c, a) -> MessagingConfiguration.deleter(service(a), text(a, "country")).delete(c));
    CALLS.put("webhooks.create", (c, a) -> {
      List<String> types = new java.util.ArrayList<>();
      a.get("event_types").forEach(type -> types.add(type.asText()));
      return Webhook.creator(service(a), text(a, "friendly_name"), types, text(a, "webhook_url")).create(c);
    });
    CALLS.put("webhooks.delete", (c, a) -> Webhook.deleter(service(a), text(a, "sid")).delete(c));
    CALLS.put("signature", (c, a) -> {
      Map<String, String> params = new HashMap<>();
      a.get("params").fields().forEachRemaining(field -> params.put(field.getKey(), field.getValue().asText()));
      return new RequestValidator(text(a, "token")).validate(text(a, "url"), params, text(a, "signature"));
    });
  }

  static void verifications() {
    CALLS.put("verifications.create", (c, a) -> with(Verification.creator(service(a), text(a, "to"), text(a, "channel")), a, "to", "channel").create(c));
    CALLS.put("verifications.fetch", (c, a) -> Verification.fetcher(service(a), text(a, "sid")).fetch(c));
    CALLS.put("verifications.update", (c, a) ->
        Verification.updater(service(a), text(a, "sid"), Verification.Status.forValue(text(a, "status"))).update(c));
    CALLS.put("checks.create", (c, a) -> with(VerificationCheck.creator(service(a)), a).create(c));
    CALLS.put("attempts.list", (c, a) -> all(with(VerificationAttempt.reader(), a), c));
    CALLS.put("attempts.fetch", (c, a) -> VerificationAttempt.fetcher(text(a, "sid")).fetch(c));
  }

  static void factors() {
    CALLS.put("entities.create", (c, a) -> Entity.creator(service(a), identity(a)).create(c));
    CALLS.put("entities.fetch", (c, a) -> Entity.fetcher(service(a), identity(a)).fetch(c));
    CALLS.put("entities.delete", (c, a) -> Entity.deleter(service(a), identity(a)).delete(c));
    CALLS.put("new_factors.create", (c, a) -> NewFactor.creator(service(a), identity(a), text(a, "friendly_name"),
        NewFactor.FactorTypes.forValue(text(a, "factor_type"))).create(c));
    CALLS.put("factors.fetch", (c, a) -> Factor.fetcher(service(a), identity(a), text(a, "factor")).fetch(c));
    CALLS.put("factors.update", (c, a) -> with(Factor.updater(service(a), identity(a), text(a, "factor")), a).update(c));
    CALLS.put("factors.list", (c, a) -> all(Factor.reader(service(a), identity(a)), c));
    CALLS.put("factors.delete", (c, a) -> Factor.deleter(service(a), identity(a), text(a, "factor")).delete(c));
    CALLS.put("challenges.create", (c, a) -> with(Challenge.creator(service(a), identity(a), text(a, "factor")), a).create(c));
    CALLS.put("challenges.fetch", (c, a) -> Challenge.fetcher(service(a), identity(a), text(a, "challenge")).fetch(c));
    CALLS.put("challenges.update", (c, a) -> with(Challenge.updater(service(a), identity(a), text(a, "challenge")), a).update(c));
    CALLS.put("challenges.list", (c, a) -> all(with(Challenge.reader(service(a), identity(a)), a), c));
    CALLS.put("notifications.create", (c, a) -> Notification.creator(service(a), identity(a), text(a, "challenge")).create(c));
    CALLS.put("access_tokens.create", (c, a) ->
        AccessToken.creator(service(a), identity(a), AccessToken.FactorTypes.forValue(text(a, "factor_type"))).create(c));
    CALLS.put("access_tokens.fetch", (c, a) -> AccessToken.fetcher(service(a), text(a, "sid")).fetch(c));
    CALLS.put("passkeys.create", (c, a) -> com.twilio.rest.verify.v2.service.NewFactor.creator(service(a),
        com.twilio.rest.verify.v2.service.NewFactor.CreateNewPasskeysFactorRequest.builder(text(a, "friendly_name"), identity(a)).build()).create(c));
  }

  static Map<String, Object> answer(JsonNode said, String[] arguments) {
    // One for each call; the account is that of the arguments, also where an API key asks.
    String user = said.has("user") ? text(said, "user") : arguments[1];
    String password = said.has("password") ? text(said, "password") : arguments[2];
    TwilioRestClient client = new TwilioRestClient.Builder(user, password).accountSid(arguments[1]).httpClient(Here.of(said, arguments[0])).build();
    Map<String, Object> answer = new HashMap<>();
    try {
      answer.put("ok", CALLS.get(text(said, "call")).apply(client, said));
    } catch (ApiException refusal) {
      Map<String, Object> refused = new HashMap<>();
      refused.put("class", refusal.getClass().getSimpleName());
      refused.put("status", refusal.getStatusCode());
      refused.put("code", refusal.getCode());
      refused.put("message", refusal.getMessage());
      refused.put("more_info", refusal.getMoreInfo());
      answer.put("refused", refused);
    } catch (Exception error) {
      Throwable cause = error instanceof InvocationTargetException ? error.getCause() : error;
      answer.put("broke", cause.toString());
    }
    return answer;
  }

  public static void main(String[] arguments) throws Exception {
    services();
    verifications();
    factors();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    java.io.PrintStream out = new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      out.println(MAPPER.writeValueAsString(answer(MAPPER.readTree(line), arguments)));
    }
  }
}
