import type { Action } from '../../policy/index.js';
import { containerLists, nameGrammar } from './name-grammar.js';
import { regoRule, regoText } from './rego-rules.js';
import type { StaticRules } from './static-rules.js';

/** `v1`: OPA 1.0 and later. `v0`: OPA before that, and every Gatekeeper. */
export type RegoVersion = 'v0' | 'v1';

export interface RegoModule {
  readonly packageName: string;
  readonly version: RegoVersion;
  /** `input.request` of an AdmissionReview, or `input.review` of Gatekeeper. */
  readonly request: 'input.request' | 'input.review';
  /** An expression for the rules: of their data, or of the parameters of a constraint. */
  readonly rules: string;
  readonly unchangedPasses: boolean;
}

/** Rules as data for a module. */
export function rulesText({ rules }: StaticRules): string {
  return regoText(rules.map(regoRule));
}

/**
 * Rego that gathers `found`: a set of objects with `action`, `rule`, `image` and `msg`, for every image of the object that
 * breaks a rule. Every helper has one value for one input, so that nothing is undefined because two differ.
 */
export function regoModule({ packageName, version, request, rules, unchangedPasses }: RegoModule): string {
  const head = (text: string): string => (version === 'v1' ? `${text} if {` : `${text} {`);
  const member = (set: string, value: string): string =>
    version === 'v1' ? `${set} contains ${value} if {` : `${set}[${value}] {`;
  const raw = (text: string): string => `\`${text}\``;
  const kept = unchangedPasses
    ? [member('fresh', 'image'), '\twritten[entry]', '\tnot before[entry]', '\timage := entry.image', '}']
    : [member('fresh', 'image'), '\twritten[entry]', '\timage := entry.image', '}'];
  return `package ${packageName}

rules := ${rules}

request := ${request}

object_now := request.object

# --- where a pod's specification stands ---

template_kinds := {"PodTemplate", "CronJob"}

${head('pod(object) := object')}
	object.kind == "Pod"
}

${head('pod(object) := object.template')}
	object.kind == "PodTemplate"
}

${head('pod(object) := object.spec.jobTemplate.spec.template')}
	object.kind == "CronJob"
}

${head('pod(object) := object.spec.template')}
	object.kind != "Pod"
	not template_kinds[object.kind]
}

# Kind EphemeralContainers stands for the pod before Kubernetes 1.22.
${head('pod_spec(object) := pod(object).spec')}
	object.kind != "EphemeralContainers"
}

${head('pod_spec(object) := object')}
	object.kind == "EphemeralContainers"
}

labels := object.get(object.get(pod(object_now), "metadata", {}), "labels", {})

# --- every image, and the list in which it stands ---

${head('text(value) := value')}
	is_string(value)
}

# No text is no name: what is made of it is none either.
${head('text(value) := concat("", ["<", json.marshal(value), ">"])')}
	not is_string(value)
}

${head('images_of(spec) := union({lists, volumes})')}
	lists := {{"list": list, "image": text(object.get(container, "image", ""))} |
		list := ${JSON.stringify(containerLists)}[_]
		container := object.get(spec, list, [])[_]
	}
	volumes := {{"list": "volumes", "image": text(image)} |
		volume := object.get(spec, "volumes", [])[_]
		image := volume.image.reference
	}
}

${member('written', 'entry')}
	images_of(pod_spec(object_now))[entry]
}

${member('before', 'entry')}
	request.operation == "UPDATE"
	images_of(pod_spec(request.oldObject))[entry]
}

${kept.join('\n')}

# --- a name as the kubelet reads it ---

${head('has_registry(image)')}
	regex.match(${raw(nameGrammar.namesRegistry)}, image)
}

${head('has_registry(image)')}
	regex.match(${raw(nameGrammar.imageId)}, image)
}

${head('with_registry(image) := image')}
	has_registry(image)
}

${head('with_registry(image) := concat("", ["docker.io/", image])')}
	not has_registry(image)
}

${head('on_hub(image) := concat("", ["docker.io/", substring(image, 16, -1)])')}
	startswith(image, "index.docker.io/")
}

${head('on_hub(image) := image')}
	not startswith(image, "index.docker.io/")
}

${head('with_library(image) := concat("", ["docker.io/library/", substring(image, 10, -1)])')}
	regex.match(${raw(nameGrammar.oneNameOnHub)}, image)
}

${head('with_library(image) := image')}
	not regex.match(${raw(nameGrammar.oneNameOnHub)}, image)
}

full(image) := with_library(on_hub(with_registry(image)))

without_digest(name) := split(name, "@")[0]

path(name) := split(split(substring(name, indexof(name, "/") + 1, -1), "@")[0], ":")[0]

place(name) := concat("/", [split(name, "/")[0], path(name)])

folded(name) := on_hub(lower(place(name)))

${head('well_formed(image)')}
	name := full(image)
	regex.match(${raw(nameGrammar.wellFormed)}, name)
	count(path(name)) <= ${nameGrammar.maxPathLength}
}

${head('has_tag(name)')}
	regex.match(${raw(nameGrammar.hasTag)}, without_digest(name))
}

${head('tag(name) := regex.split(":", without_digest(name))[count(regex.split(":", without_digest(name))) - 1]')}
	has_tag(name)
}

${head('tag(name) := "latest"')}
	not has_tag(name)
}

# --- whom a rule is for ---

${head('fits_any(patterns, value)')}
	regex.match(patterns[_], value)
}

${head('namespace_fits(selector)')}
	regex.match(object.get(selector, "namespaces", ""), object.get(request, "namespace", ""))
}

${head('label_differs(selector)')}
	label := object.get(selector, "labels", [])[_]
	not label_fits(label)
}

${head('label_fits(label)')}
	regex.match(label.value, labels[label.key])
}

${head('object_fits(selector)')}
	namespace_fits(selector)
	not label_differs(selector)
}

${head('excluded(rule)')}
	exclude := rule.exclude
	object_fits(exclude)
	not exclude.images
}

${head('applies(rule)')}
	object_fits(object.get(rule, "match", {}))
	not excluded(rule)
}

${head('passed_over(rule, name)')}
	images := rule.match.images
	not fits_any(images, folded(name))
}

${head('passed_over(rule, name)')}
	exclude := rule.exclude
	object_fits(exclude)
	fits_any(exclude.images, place(name))
}

${head('passed_over(rule, name)')}
	exception := object.get(rule, "exceptions", [])[_]
	namespace_fits(exception)
	exception_fits(exception, name)
}

${head('exception_fits(exception, _)')}
	not exception.images
}

${head('exception_fits(exception, name)')}
	fits_any(exception.images, place(name))
}

# --- demands ---

${head('breaks(rule, name)')}
	rule.check == "registries"
	fits_any(rule.deny, folded(name))
}

${head('breaks(rule, name)')}
	rule.check == "registries"
	rule.allow
	not fits_any(rule.allow, place(name))
}

${head('breaks(rule, name)')}
	rule.check == "official"
	not regex.match(${raw(nameGrammar.official)}, place(name))
}

${head('breaks(rule, name)')}
	rule.check == "digest"
	not contains(name, "@")
}

${head('breaks(rule, name)')}
	rule.check == "tags"
	not contains(name, "@")
	fits_any(rule.deny, tag(name))
}

${head('breaks(rule, name)')}
	rule.check == "tags"
	not contains(name, "@")
	rule.allow
	not fits_any(rule.allow, tag(name))
}

# --- what was found ---

${member('found', '{"action": rule.action, "rule": rule.name, "image": image, "msg": msg}')}
	rule := rules[_]
	applies(rule)
	fresh[image]
	not well_formed(image)
	msg := sprintf("not a name of an image: %s (rule %s)", [json.marshal(image), rule.name])
}

${member('found', '{"action": rule.action, "rule": rule.name, "image": image, "msg": msg}')}
	rule := rules[_]
	applies(rule)
	fresh[image]
	well_formed(image)
	name := full(image)
	not passed_over(rule, name)
	breaks(rule, name)
	msg := sprintf("%s: %s (rule %s)", [rule.message, name, rule.name])
}

# An object that cannot be read is refused, not skipped.
${member('found', '{"action": "deny", "rule": "", "image": "", "msg": "no specification of a pod is found in the object"}')}
	request.operation != "DELETE"
	not pod_spec(object_now)
}
`;
}

/** The rules by their action, as sets of texts. */
export function actionSets(version: RegoVersion): string {
  const actions: readonly Action[] = ['deny', 'warn', 'audit'];
  return actions
    .map((action) => {
      const head = version === 'v1' ? `${action} contains msg if {` : `${action}[msg] {`;
      return `${head}\n\tfound[one]\n\tone.action == "${action}"\n\tmsg := one.msg\n}\n`;
    })
    .join('\n');
}

/** For an API server that asks OPA directly: its default decision is a whole AdmissionReview. */
export function systemMain(packageName: string, version: RegoVersion): string {
  const head = (text: string): string => (version === 'v1' ? `${text} if {` : `${text} {`);
  return `package system

import data.${packageName}

main := {
	"apiVersion": input.apiVersion,
	"kind": "AdmissionReview",
	"response": response,
}

${head('response := {"uid": input.request.uid, "allowed": true, "warnings": warnings}')}
	count(${packageName}.deny) == 0
}

${head('response := {"uid": input.request.uid, "allowed": false, "warnings": warnings, "status": status}')}
	count(${packageName}.deny) > 0
}

status := {"code": 403, "reason": "Forbidden", "message": concat("; ", sort(${packageName}.deny))}

warnings := sort(${packageName}.warn)
`;
}
