// Package e2e runs the lab on real clusters. Its tests have the build tag e2e, and need a Docker engine, the pulumi
// command with its plugins, and the test bed, which makes the images. What the test bed made of Pulumi's is used as well:
//
//	make e2e        what CI runs
//	make e2e-all    also the subtests whose names begin with rarely: slow, and seldom broken by a change
//
// Where something is missing the suite names it and skips every test. The environment changes that:
//
//	ISTIO_LAB_E2E=required    what is missing is a failure
//	ISTIO_LAB_E2E_LAB=FILE    the setting lab of all stacks, instead of what the test bed prints; {} for the true images
//	ISTIO_LAB_E2E_KEEP=DIR    states and transcripts stay there, labs stay too, and the next run goes on with them
//
// The suite holds the student numbers 80 to 99 of the host, and begins by removing what a killed run has left of them.
//
// Tests run side by side, on as many nodes at once as -parallel says and as the engine has memory for, the longest first. At the end the suite
// lists its parts by cost, as lines of seconds, percent of the whole and name, separated by tabs. No part is to take more than a third.
//
// Where to find what is checked:
//
//	test                           student   what it is about
//	TestAKilledRunsLabsAreRemoved… 99, 94    the suite's own cleaning; alone, before all others
//	TestTheMulticlusterLab         90        chapter 12 by its lessons: each stage adds what it says, its claims become true then and not before;
//	                                         kind, kubeconfigs, ingress, status, doctor, next and back, secrets, destroy
//	TestALabInUse                  98        chapter 12 at once: a second up, the backend that fails, an istiod, a gateway and a cacerts that are stopped or
//	                                         deleted, lowered stages
//	TestBrokenNodesAreHealed       80        chapter 12 at once: nodes that are cut off, stopped or deleted are named by verify and put back by up
//	TestTheExtensionLab            92        chapter 14 by its lessons; ports, ingress, a changed limit, no redis, no Wasm server, destroy
//	TestALabOnClustersThatAreThere 87, 88    both chapters on clusters of the kind command: refusals, claims before their stage, a backend that fails,
//	                                         secrets, destroy that leaves the rest alone, a cluster that is gone
//	TestTheScenarioOfABuiltLabIs…  91        a cut between the nodes; from chapter 12 to chapter 14 and back, killed in the middle, by lab and by plain pulumi
//	TestAStudentsStackByPlainPulumi 97       a stack of a student's from its making to its removal, by pulumi alone
//	TestTheReleaseOfTheManual      93        release book up to the stage trust
//	TestStudentsOnOneHost          81 to 83  three labs built at once; a number that is held; a restarted node while stages of chapter 14 are lowered; one
//	                                         destroyed while the others run
//	TestAKilledUpIsContinued       85        up killed at three points in a row, each continued by the next
//	TestAFailingUpSaysWhy          84        images, mirrors and values that are wrong: what up says, how soon, and that taking them back mends it
//	TestAClassroom                 94 to 96  lab classroom: one lab of three that fails, caches, verify, status, destroy
//	TestALabOnTheEngineOfAnotherHost 89      an engine over TCP that the settings name
package e2e
