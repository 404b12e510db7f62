"""Runs an add-in's macros in LibreOffice; started by `macro_runner.py` with a Python that has UNO.

Reads a job as JSON from standard input: the add-in's path, the modules to put in place of its
own (null removes one), and the calls. Prints what each call returns, as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

FILTER = "Calc MS Excel 2007 VBA XML"  # an .xlam is not recognised by itself
SECONDS = 90


def connected(pipe):
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    end = time.monotonic() + SECONDS
    while True:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def value(name, what):
    made = PropertyValue()
    made.Name, made.Value = name, what
    return made


def run(desktop, job):
    options = [value("Hidden", True), value("FilterName", FILTER), value("MacroExecutionMode", 4)]
    document = desktop.loadComponentFromURL(Path(job["addin"]).as_uri(), "_blank", 0, tuple(options))
    name = job["project"]
    library = document.BasicLibraries.getByName(name)
    found = list(library.getElementNames())
    for module, text in job["modules"].items():
        if library.hasByName(module):
            library.removeByName(module)
        if text is not None:
            library.insertByName(module, f"Option VBASupport 1\n{text}")
    provider = document.getScriptProvider()
    said = []
    for function, arguments in job["calls"]:
        script = provider.getScript(f"vnd.sun.star.script:{name}.{function}?language=Basic&location=document")
        said.append(script.invoke(tuple(arguments), (), ())[0])
    document.close(True)
    return {"modules": found, "said": said}


def main():
    job = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="taizhang-calc-", ignore_cleanup_errors=True) as folder:
        pipe = f"taizhang{os.getpid()}"
        office = subprocess.Popen(
            [
                job["soffice"],
                "--headless",
                "--norestore",
                f"-env:UserInstallation={Path(folder).as_uri()}",
                f"--accept=pipe,name={pipe};urp",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            context = connected(pipe)
            desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            json.dump(run(desktop, job), sys.stdout)
            sys.stdout.flush()
            desktop.terminate()
        finally:
            try:
                office.wait(20)
            except subprocess.TimeoutExpired:
                office.kill()


main()
