package dev.millrace.worker.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.millrace.worker.kernel.DeviceThread;
import org.junit.jupiter.api.Test;

/// What the engine's rooms may know: engine -> schedule -> cache, engine -> model; gRPC, Spring and Reactor nowhere.
class EngineRoomsTest {

    private static final String ROOT = "dev.millrace.worker.";
    private static final JavaClasses WORKER = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.millrace.worker");

    @Test
    void the_cache_knows_nobody() {
        knowsOnly("cache", "step");
    }

    @Test
    void the_scheduler_knows_the_cache() {
        knowsOnly("schedule", "cache", "step");
    }

    @Test
    void the_ledger_knows_nobody() {
        knowsOnly("ledger");
    }

    @Test
    void the_engine_knows_scheduler_model_and_ledger_and_whose_thread_it_runs_on() {
        knowsOnly("engine", "schedule", "model", "ledger", "step", "kernel");
        noClasses()
                .that()
                .resideInAPackage(ROOT + "engine..")
                .should()
                .dependOnClassesThat(JavaClass.Predicates.resideInAPackage(ROOT + "kernel..")
                        .and(DescribedPredicate.not(HasName.Predicates.nameStartingWith(DeviceThread.class.getName()))))
                .check(WORKER);
    }

    @Test
    void the_cache_is_known_to_the_scheduler_alone() {
        knownOnlyTo("cache", "schedule");
    }

    @Test
    void the_engine_is_known_to_edges_and_wiring_alone() {
        knownOnlyTo("schedule", "engine", "grpc", "config");
        knownOnlyTo("engine", "grpc", "config");
    }

    @Test
    void engines_are_made_by_the_wiring_alone() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "config..", ROOT + "engine..")
                .should()
                .callConstructorWhere(JavaCall.Predicates.target(
                        HasOwner.Predicates.With.owner(HasName.Predicates.name(Engine.class.getName()))))
                .orShould()
                .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.nameMatching("middle|last"))
                        .and(JavaCall.Predicates.target(
                                HasOwner.Predicates.With.owner(HasName.Predicates.name(StageRunner.class.getName())))))
                .check(WORKER);
    }

    private static void knowsOnly(String room, String... others) {
        String[] allowed = new String[others.length + 4];
        allowed[0] = "java..";
        allowed[1] = "org.jspecify..";
        allowed[2] = room.equals("engine") ? "org.slf4j.." : "java..";
        allowed[3] = ROOT + room + "..";
        for (int i = 0; i < others.length; i++) {
            allowed[4 + i] = ROOT + others[i] + "..";
        }
        classes()
                .that()
                .resideInAPackage(ROOT + room + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .check(WORKER);
    }

    private static void knownOnlyTo(String room, String... others) {
        String[] allowed = new String[others.length + 1];
        allowed[0] = ROOT + room + "..";
        for (int i = 0; i < others.length; i++) {
            allowed[1 + i] = ROOT + others[i] + "..";
        }
        classes()
                .that()
                .resideInAPackage(ROOT + room + "..")
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAnyPackage(allowed)
                .check(WORKER);
    }
}
