import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.CodeSystem;

/** Validates every JSON file of a folder as R4 with HAPI's instance validator; prints what is above information. */
public class Validate {
  public static void main(String[] words) throws Exception {
    FhirContext context = FhirContext.forR4();
    List<Path> files;
    try (var found = Files.list(Path.of(words[0]))) {
      files = found.sorted().toList();
    }
    PrePopulatedValidationSupport ours = new PrePopulatedValidationSupport(context);
    for (Path file : files) {
      if (file.getFileName().toString().startsWith("CodeSystem")) {
        ours.addCodeSystem(context.newJsonParser().parseResource(CodeSystem.class, Files.readString(file)));
      }
    }
    var chain = new ValidationSupportChain(
        new DefaultProfileValidationSupport(context),
        ours,
        new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context));
    var validator = context.newValidator().registerValidatorModule(new FhirInstanceValidator(chain));
    int checked = 0;
    for (Path file : files) {
      checked++;
      for (SingleValidationMessage message : validator.validateWithResult(Files.readString(file)).getMessages()) {
        if (message.getSeverity().compareTo(ResultSeverityEnum.INFORMATION) > 0) {
          System.out.println(String.join("\t", message.getSeverity().name(), file.getFileName().toString(),
              String.valueOf(message.getLocationString()), message.getMessage().replace('\n', ' ')));
        }
      }
    }
    System.out.println("checked\t" + checked);
  }
}
