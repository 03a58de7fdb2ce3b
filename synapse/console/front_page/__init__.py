"""The first page of a working day: what needs doing, how the pipeline stands, what runs, what waits for the operator.

What lives here: gathering it from every app, each part for those who may see it. What does not: the numbers themselves
(the apps' querysets and dashboards).
"""
