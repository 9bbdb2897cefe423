# METADATA
# title: Allow all
# scope: package
package cortexos.rules.bench.allow_all

allow contains "everything"
