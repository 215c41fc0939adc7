"""The piano rolls of Boulanger-Lewandowski et al. (2012), as a task.

python -m benchmarks.polyphony train --config benchmarks/polyphony/jsb.toml --data.folder DIR
python -m benchmarks.polyphony evaluate --from runs/polyphony/...
"""  # noqa: E501
