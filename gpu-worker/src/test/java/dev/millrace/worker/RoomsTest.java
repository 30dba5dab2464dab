package dev.millrace.worker;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The rooms of the worker and what each must not know.
class RoomsTest {

    private static final JavaClasses WORKER = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.millrace.worker");

    @Test
    void grpc_and_the_contract_are_known_to_the_edges_alone() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.millrace.worker.grpc..", "dev.millrace.worker.config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "io.netty..", "com.google.protobuf..", "dev.millrace.proto..")
                .check(WORKER);
    }

    @Test
    void nothing_depends_on_the_wiring() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.millrace.worker.config..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.millrace.worker.config..")
                .check(WORKER);
    }

    @Test
    void the_engine_does_not_know_the_edges() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.millrace.worker.grpc..", "dev.millrace.worker.config..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.millrace.worker.grpc..")
                .check(WORKER);
    }

    @Test
    void edges_do_not_compute() {
        noClasses()
                .that()
                .resideInAPackage("dev.millrace.worker.grpc..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.millrace.worker.kernel..",
                        "dev.millrace.worker.model..",
                        "dev.millrace.worker.weights..",
                        "dev.millrace.worker.sample..",
                        "dev.millrace.worker.cache..")
                .check(WORKER);
    }

    @Test
    void a_step_knows_no_other_room() {
        classes()
                .that()
                .resideInAPackage("dev.millrace.worker.step")
                .should()
                .onlyDependOnClassesThat(
                        resideInAPackage("dev.millrace.worker.step").or(resideInAnyPackage("java..", "org.jspecify..")))
                .check(WORKER);
    }

    @Test
    void neither_spring_nor_reactor_is_here() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "reactor..", "org.reactivestreams..")
                .check(WORKER);
    }

    @Test
    void http_is_known_to_the_wiring_alone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.millrace.worker.config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.sun.net.httpserver..", "java.net.http..", "io.micrometer..", "picocli..")
                .check(WORKER);
    }
}
