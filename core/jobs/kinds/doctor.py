"""The job in which doctors look at a model: its preprocessing, its accuracy, its overflows."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel

from core.doctors.base import Diagnosis, DoctorReport, DoctorRequest, Patient
from core.jobs.kinds.base import JobContext, JobKind
from core.search.setting_up import PREPARE, READ


class DoctorKind(JobKind[DoctorRequest, DoctorReport]):
    """Ask each doctor in turn; what one found is saved before the next one begins."""

    name: ClassVar[str] = "doctor"
    title: ClassVar[str] = "Looking for what is wrong"
    request_type: ClassVar[type[BaseModel]] = DoctorRequest
    outcome_type: ClassVar[type[BaseModel]] = DoctorReport

    def steps(self, request: DoctorRequest) -> Sequence[tuple[str, float]]:
        from core.doctors import doctors

        steps: list[tuple[str, float]] = []
        for doctor in doctors():
            if doctor.name in request.which:
                if doctor.needs_images and (READ, 1.0) not in steps:
                    steps += [(READ, 1.0), (PREPARE, 4.0)]
                steps.append((doctor.step, 20.0))
        return steps

    def run(self, request: DoctorRequest, context: JobContext) -> DoctorReport:
        from core.doctors import doctors

        chosen = {doctors()[name].name for name in request.which}
        patient = Patient(request, context)
        diagnoses: list[Diagnosis] = []
        for doctor in doctors():
            if doctor.name in chosen:
                if doctor.needs_images:
                    _ = patient.setting  # its steps come before the doctor's
                context.step(doctor.step)
                diagnosis = doctor.examine(patient)
                context.measured(f"diagnosis of {doctor.name}", diagnosis, doctor.label)
                diagnoses.append(diagnosis)
        return DoctorReport(model_name=request.model.stem, diagnoses=tuple(diagnoses))
