package dev.millrace.tokenizer;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// Who may know whom.
class RoomsTest {
    private static final String ROOT = "dev.millrace.tokenizer";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void grpc_and_its_messages_stay_at_the_edges() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        ROOT + ".generation..", ROOT + ".pipeline..", ROOT + ".placement..", ROOT + ".config..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.grpc..", "com.google.protobuf..", "dev.millrace.proto.."))
                .check(CLASSES);
    }

    @Test
    void spring_is_known_where_things_are_wired() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT, ROOT + ".config..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.springframework.."))
                .check(CLASSES);
    }

    @Test
    void nothing_knows_the_gateway_the_worker_http_or_tensors() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "dev.millrace.gateway..",
                        "dev.millrace.worker..",
                        "dev.millrace.cli..",
                        "java.net.http..",
                        "io.netty.handler.codec.http.."))
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("dev.millrace.gguf.GgufTensor")
                .check(CLASSES);
    }

    @Test
    void text_and_vocabularies_stand_alone() {
        classes()
                .that()
                .resideInAnyPackage(ROOT + ".text..", ROOT + ".vocabulary..", ROOT + ".template..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        ROOT + ".text..",
                        ROOT + ".vocabulary..",
                        ROOT + ".template..",
                        "dev.millrace.gguf..",
                        "java..",
                        "tools.jackson..",
                        "org.slf4j..",
                        "org.jspecify.."))
                .check(CLASSES);
    }

    @Test
    void the_rooms_build_on_each_other_in_one_direction() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".pipeline..")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(ROOT + ".placement..", ROOT + ".generation..", ROOT + ".config.."))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".placement..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(ROOT + ".generation..", ROOT + ".config.."))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".generation..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(ROOT + ".config.."))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".loop..", ROOT + ".text..", ROOT + ".model..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        ROOT + ".pipeline..", ROOT + ".placement..", ROOT + ".generation..", ROOT + ".config.."))
                .check(CLASSES);
    }
}
