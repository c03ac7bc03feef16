import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.yubico.webauthn.AssertionRequest;
import com.yubico.webauthn.CredentialRepository;
import com.yubico.webauthn.FinishAssertionOptions;
import com.yubico.webauthn.FinishRegistrationOptions;
import com.yubico.webauthn.RegisteredCredential;
import com.yubico.webauthn.RelyingParty;
import com.yubico.webauthn.attestation.AttestationTrustSource;
import com.yubico.webauthn.data.AssertionExtensionInputs;
import com.yubico.webauthn.data.AuthenticatorSelectionCriteria;
import com.yubico.webauthn.data.ByteArray;
import com.yubico.webauthn.data.COSEAlgorithmIdentifier;
import com.yubico.webauthn.data.PublicKeyCredential;
import com.yubico.webauthn.data.PublicKeyCredentialCreationOptions;
import com.yubico.webauthn.data.PublicKeyCredentialDescriptor;
import com.yubico.webauthn.data.PublicKeyCredentialParameters;
import com.yubico.webauthn.data.PublicKeyCredentialRequestOptions;
import com.yubico.webauthn.data.RelyingPartyIdentity;
import com.yubico.webauthn.data.UserIdentity;
import com.yubico.webauthn.data.UserVerificationRequirement;
import com.yubico.webauthn.extension.appid.AppId;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Judges lines of tests/oracles/cases.cpp with com.yubico:webauthn-server-core. */
public final class Oracle {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PERSON = "ana";
  /** Those that ours takes unless a case says otherwise. */
  private static final Set<Long> ALGORITHMS = Set.of(-7L, -8L, -35L, -36L, -53L, -257L);

  private record Stored(Optional<RegisteredCredential> credential, ByteArray handle) implements CredentialRepository {
    @Override
    public Set<PublicKeyCredentialDescriptor> getCredentialIdsForUsername(String name) {
      return credential.map(c -> Set.of(PublicKeyCredentialDescriptor.builder().id(c.getCredentialId()).build())).orElse(Set.of());
    }

    @Override
    public Optional<ByteArray> getUserHandleForUsername(String name) {
      return Optional.of(handle);
    }

    @Override
    public Optional<String> getUsernameForUserHandle(ByteArray given) {
      return given.equals(handle) ? Optional.of(PERSON) : Optional.empty();
    }

    @Override
    public Optional<RegisteredCredential> lookup(ByteArray id, ByteArray given) {
      return credential.filter(c -> c.getCredentialId().equals(id) && given.equals(handle));
    }

    @Override
    public Set<RegisteredCredential> lookupAll(ByteArray id) {
      return credential.filter(c -> c.getCredentialId().equals(id)).map(Set::of).orElse(Set.of());
    }
  }

  private static ObjectNode answerOf(JsonNode one) {
    ObjectNode response = one.get("response").deepCopy();
    JsonNode named = response.remove("id");
    JsonNode extensions = response.remove("clientExtensionResults");
    JsonNode stored = one.path("credential").path("id");
    String id = named != null ? named.asText() : stored.isTextual() ? stored.asText() : one.path("registration_id").asText("AA");
    ObjectNode answer = JSON.createObjectNode();
    answer.put("type", "public-key").put("id", id).put("rawId", id);
    answer.set("clientExtensionResults", extensions != null ? extensions : JSON.createObjectNode());
    answer.set("response", response);
    return answer;
  }

  private static Set<X509Certificate> anchorsOf(JsonNode wished) throws Exception {
    Set<X509Certificate> anchors = new HashSet<>();
    for (JsonNode each : wished.path("trust_anchors")) {
      byte[] der = ByteArray.fromBase64Url(each.asText()).getBytes();
      anchors.add((X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
    }
    return anchors;
  }

  @SuppressWarnings("deprecation") // So does the library call what is experimental: backupEligible, isConditionalCreate.
  private static void judge(JsonNode one) throws Exception {
    ObjectNode answer = answerOf(one);
    RelyingPartyIdentity party = RelyingPartyIdentity.builder().id(one.get("rp_id").asText()).name("Example").build();
    ByteArray challenge = ByteArray.fromBase64Url(one.get("challenge").asText());
    UserVerificationRequirement verification = UserVerificationRequirement.valueOf(one.get("user_verification").asText().toUpperCase());
    JsonNode stored = one.path("credential");
    String handleText = stored.path("user_handle").asText(answer.path("response").path("userHandle").asText("AAAA"));
    ByteArray handle = ByteArray.fromBase64Url(handleText);
    JsonNode wished = one.path("options");
    Optional<RegisteredCredential> credential = Optional.empty();
    if (stored.isObject()) {
      String id = stored.path("id").asText(answer.get("id").asText());
      JsonNode eligible = stored.path("backup_eligible");
      credential = Optional.of(RegisteredCredential.builder()
          .credentialId(ByteArray.fromBase64Url(id))
          .userHandle(handle)
          .publicKeyCose(ByteArray.fromBase64Url(stored.get("public_key").asText()))
          .signatureCount(stored.path("sign_count").asLong(0))
          .backupEligible(eligible.isBoolean() ? eligible.asBoolean() : null)
          .build());
    } else if (wished.path("registered_ids").has(0)) {
      credential = Optional.of(RegisteredCredential.builder()
          .credentialId(ByteArray.fromBase64Url(wished.path("registered_ids").get(0).asText()))
          .userHandle(handle)
          .publicKeyCose(new ByteArray(new byte[0]))
          .build());
    }
    Set<X509Certificate> anchors = anchorsOf(wished);
    AttestationTrustSource roots =
        (chain, model) -> AttestationTrustSource.TrustRootsResult.builder().trustRoots(anchors).enableRevocationChecking(false).build();
    Instant at = Instant.ofEpochSecond(wished.path("verify_time").asLong(Instant.now().getEpochSecond()));
    RelyingParty server = RelyingParty.builder()
        .identity(party)
        .credentialRepository(new Stored(credential, handle))
        .origins(Set.of(one.get("origin").asText()))
        .attestationTrustSource(roots)
        .allowUntrustedAttestation(anchors.isEmpty() && !wished.has("accepted_attestation_types"))
        .clock(Clock.fixed(at, ZoneOffset.UTC))
        .validateSignatureCounter(true)
        .build();
    if (one.get("kind").asText().equals("registration")) {
      List<PublicKeyCredentialParameters> algorithms = new ArrayList<>();
      JsonNode allowed = wished.path("allowed_algs");
      for (COSEAlgorithmIdentifier each : COSEAlgorithmIdentifier.values()) {
        boolean wanted = !allowed.isArray() && ALGORITHMS.contains(each.getId());
        for (JsonNode number : allowed) wanted = wanted || number.asLong() == each.getId();
        if (wanted) algorithms.add(PublicKeyCredentialParameters.builder().alg(each).build());
      }
      var options = PublicKeyCredentialCreationOptions.builder()
          .rp(party)
          .user(UserIdentity.builder().name(PERSON).displayName("Ana").id(handle).build())
          .challenge(challenge)
          .pubKeyCredParams(algorithms)
          .authenticatorSelection(AuthenticatorSelectionCriteria.builder().userVerification(verification).build())
          .build();
      server.finishRegistration(FinishRegistrationOptions.builder()
          .request(options)
          .response(PublicKeyCredential.parseRegistrationResponseJson(answer.toString()))
          .isConditionalCreate(wished.path("mediation").asText().equals("conditional"))
          .build());
      return;
    }
    List<PublicKeyCredentialDescriptor> allowed = new ArrayList<>();
    for (JsonNode id : wished.path("allow_credentials"))
      allowed.add(PublicKeyCredentialDescriptor.builder().id(ByteArray.fromBase64Url(id.asText())).build());
    var extensions = AssertionExtensionInputs.builder();
    if (wished.has("appid")) extensions.appid(new AppId(wished.get("appid").asText()));
    var options = PublicKeyCredentialRequestOptions.builder()
        .challenge(challenge)
        .rpId(party.getId())
        .userVerification(verification)
        .allowCredentials(allowed)
        .extensions(extensions.build())
        .build();
    var request = AssertionRequest.builder().publicKeyCredentialRequestOptions(options);
    if (!wished.path("discoverable").asBoolean()) request.username(PERSON);
    server.finishAssertion(FinishAssertionOptions.builder()
        .request(request.build())
        .response(PublicKeyCredential.parseAssertionResponseJson(answer.toString()))
        .build());
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode one = JSON.readTree(line);
      ObjectNode said = JSON.createObjectNode().put("name", one.get("name").asText()).put("ok", true);
      try {
        judge(one);
      } catch (Exception | AssertionError refused) {
        String why = String.valueOf(refused);
        said.put("ok", false).put("why", why.substring(0, Math.min(200, why.length())));
      }
      System.out.println(said);
    }
  }
}
