package dev.millrace.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.millrace.proto.v1.GenerationGrpc;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses GATEWAY = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.millrace.gateway");

    @Test
    void the_edge_knows_neither_tensors_nor_vocabularies() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.millrace.gguf..", "dev.millrace.tokenizer..", "dev.millrace.worker..")
                .check(GATEWAY);
    }

    @Test
    void grpc_stays_in_one_package() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.millrace.gateway.generation")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(GenerationGrpc.class)
                .check(GATEWAY);
    }

    @Test
    void packages_do_not_depend_on_each_other_in_circles() {
        slices().matching("dev.millrace.gateway.(*)..")
                .should()
                .beFreeOfCycles()
                .check(GATEWAY);
    }

    @Test
    void only_the_wiring_knows_how_parts_are_made() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.millrace.gateway", "dev.millrace.gateway.config")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.millrace.gateway.config")
                .check(GATEWAY);
    }
}
