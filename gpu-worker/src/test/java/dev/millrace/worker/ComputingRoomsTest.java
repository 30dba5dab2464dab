package dev.millrace.worker;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.millrace.gguf.TensorType;
import org.junit.jupiter.api.Test;

/// Who may know whom among the rooms that compute.
class ComputingRoomsTest {

    private static final String WORKER = "dev.millrace.worker.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.millrace.worker");

    @Test
    void kernels_do_not_know_who_calls_them() {
        noClasses()
                .that()
                .resideInAPackage(WORKER + "kernel..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        WORKER + "model..",
                        WORKER + "weights..",
                        WORKER + "engine..",
                        WORKER + "schedule..",
                        WORKER + "cache..",
                        WORKER + "config..",
                        WORKER + "grpc..")
                .check(CLASSES);
    }

    @Test
    void kernels_know_no_files_but_the_types_of_tensors() {
        noClasses()
                .that()
                .resideInAPackage(WORKER + "kernel..")
                .should()
                .dependOnClassesThat(resideInAPackage("dev.millrace.gguf..").and(not(equivalentTo(TensorType.class))))
                .check(CLASSES);
    }

    @Test
    void devices_do_not_know_each_other() {
        slices().matching(WORKER + "kernel.(*)..")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void the_contract_does_not_know_its_devices() {
        noClasses()
                .that()
                .resideInAPackage(WORKER + "kernel")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(WORKER + "kernel.*..")
                .check(CLASSES);
    }

    @Test
    void the_model_knows_no_device() {
        noClasses()
                .that()
                .resideInAnyPackage(WORKER + "model", WORKER + "weights", WORKER + "sample", WORKER + "step")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(WORKER + "kernel.*..")
                .check(CLASSES);
    }

    @Test
    void the_cuda_binding_stays_behind_the_driver() {
        noClasses()
                .that()
                .resideOutsideOfPackage(WORKER + "kernel.cuda.driver")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jcuda..")
                .check(CLASSES);
    }

    @Test
    void the_driver_knows_no_other_room() {
        classes()
                .that()
                .resideInAPackage(WORKER + "kernel.cuda.driver")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(WORKER + "kernel.cuda.driver", "java..", "jcuda..", "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void the_driver_is_known_to_cuda_alone() {
        noClasses()
                .that()
                .resideOutsideOfPackages(WORKER + "kernel.cuda..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(WORKER + "kernel.cuda.driver")
                .check(CLASSES);
    }

    @Test
    void computing_needs_no_network_and_no_framework() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        WORKER + "kernel..", WORKER + "model", WORKER + "weights", WORKER + "sample", WORKER + "step")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.grpc..",
                        "com.google.protobuf..",
                        "dev.millrace.proto..",
                        "reactor..",
                        "org.springframework..",
                        "io.netty..",
                        "io.micrometer..")
                .check(CLASSES);
    }

    @Test
    void the_rooms_have_an_order() {
        slices().matching(WORKER + "(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
